//! Compiles `proto/` without protoc.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost::Message as _;

fn proto_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            proto_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    proto_files(&root.join("meridian"), &mut files)?;

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_source_info(true).include_imports(true).open_files(&files)?;
    #[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write")]
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    let descriptors = prost_types_roundtrip(&compiler)?;
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure().compile_fds_with_config(descriptors, config)?;
    Ok(())
}

/// protox and tonic-prost-build may carry different releases of prost-types; bytes are the same for both.
fn prost_types_roundtrip(
    compiler: &protox::Compiler,
) -> Result<tonic_prost_build::FileDescriptorSet, Box<dyn std::error::Error>> {
    let bytes = compiler.file_descriptor_set().encode_to_vec();
    Ok(tonic_prost_build::FileDescriptorSet::decode(bytes.as_slice())?)
}
