//! Messages of any type with garbage in their fields, the same for the same seed.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

/// Fields of fields of fields are filled, deeper ones are not.
const DEPTH_MAX: usize = 5;
const NUMBERS: [i64; 12] = [
    0,
    1,
    -1,
    7,
    200,
    i32::MAX as i64,
    i32::MIN as i64,
    i64::MAX,
    i64::MIN,
    1_780_000_000,
    253_402_300_800,
    -62_135_596_801,
];
const REALS: [f64; 6] = [0.0, -1.5, f64::NAN, f64::INFINITY, f64::MIN, 1e-300];
/// What is right somewhere, and what is right nowhere.
const TEXTS: [&str; 24] = [
    "",
    "part-eu",
    "warehouse-eu",
    "customer-eu",
    "person-eu",
    "eu",
    "us",
    "DE",
    "EUR",
    "en",
    "each",
    "case_00000000000070008000000000000000",
    "hold_00000000000070008000000000000000",
    "plan_00000000000070008000000000000000",
    "part.eu",
    "*",
    ">",
    "a\0b",
    "\u{202e}\u{1f4a5}\r\n",
    "' OR 1=1; --",
    "2027-03-28T02:30",
    "Europe/Berlin",
    "Mars/Olympus",
    "http://127.0.0.1:1/",
];

/// A source of garbage.
pub(crate) struct Garbage {
    random: fastrand::Rng,
    /// How many fields in ten of the present message are right as far as they can be told by their names: a message
    /// that is all garbage is refused at the door.
    right: u8,
}

impl Garbage {
    /// The same garbage for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), right: 0 }
    }

    /// A message of this type.
    pub(crate) fn message(&mut self, descriptor: &MessageDescriptor) -> DynamicMessage {
        self.right = self.random.u8(0..=10);
        self.filled(descriptor, 0)
    }

    fn filled(&mut self, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            if depth > DEPTH_MAX || field.is_map() || self.random.u8(0..10) < 2 {
                continue;
            }
            let value = if field.is_list() {
                let count = self.random.usize(0..4);
                Value::List((0..count).map(|_| self.value(&field, depth)).collect())
            } else {
                self.value(&field, depth)
            };
            message.set_field(&field, value);
        }
        message
    }

    fn value(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        let is_right = self.random.u8(0..10) < self.right;
        let number =
            if is_right { self.random.i64(1..60) } else { self.random.choice(NUMBERS).unwrap_or_default() };
        match field.kind() {
            Kind::Double => Value::F64(self.random.choice(REALS).unwrap_or_default()),
            Kind::Float => Value::F32(self.random.choice(REALS).unwrap_or_default() as f32),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(number as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number as u64),
            Kind::Bool => Value::Bool(self.random.bool()),
            Kind::String if is_right => Value::String(self.right_text(field.name())),
            Kind::String => Value::String(self.text()),
            Kind::Bytes => Value::Bytes(self.text().into_bytes().into()),
            Kind::Message(descriptor) => Value::Message(self.filled(&descriptor, depth + 1)),
            Kind::Enum(_) if is_right => Value::EnumNumber(self.random.i32(1..4)),
            Kind::Enum(_) => Value::EnumNumber(self.random.i32(-1..12)),
        }
    }

    /// What a field of this name may hold.
    fn right_text(&mut self, name: &str) -> String {
        let text = match name {
            "request_id" | "etag" | "page_token" => return format!("fresh-{}", self.random.u64(..)),
            "case_id" | "hold_id" | "plan_id" | "visit_id" | "webhook_id" => {
                let prefix = name.trim_end_matches("_id");
                return format!(
                    "{prefix}_01a201fd{:08x}70008000{:08x}",
                    self.random.u32(..),
                    self.random.u32(..)
                );
            }
            "transfer_id" => return format!("trf_01a201fd{:08x}70008000{:08x}", self.random.u32(..), 1),
            "item_id" | "item_ids" => "part-eu",
            "person_id" => "person-eu",
            "warehouse_site_id" | "from_site_id" => "warehouse-eu",
            "region" | "to_region" => "eu",
            "country" => "DE",
            "currency_code" | "currency" => "EUR",
            "language" => "en",
            "unit" => "each",
            "zone" => "Europe/Berlin",
            "local" => "2027-03-28T02:30",
            "from" => "08:00",
            "until" => "24:00",
            name if name.ends_with("site_id") => "customer-eu",
            _ => "some-code",
        };
        text.to_owned()
    }

    fn text(&mut self) -> String {
        match self.random.u8(0..20) {
            0 => "x".repeat(self.random.usize(1..20_000)),
            1 => format!("fresh-{}", self.random.u64(..)),
            _ => self.random.choice(TEXTS).unwrap_or_default().to_owned(),
        }
    }
}
