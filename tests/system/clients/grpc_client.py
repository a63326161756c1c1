"""Calls Meridian with nothing but reflection: health, an answer, a rich refusal. Usage: grpc_client.py HOST:PORT"""
import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

channel = grpc.insecure_channel(sys.argv[1])
database = ProtoReflectionDescriptorDatabase(channel)
pool = descriptor_pool.DescriptorPool(database)


def call(service, method, deadline=5, **fields):
    described = pool.FindServiceByName(service).FindMethodByName(method)
    request = message_factory.GetMessageClass(described.input_type)(**fields)
    answer = message_factory.GetMessageClass(described.output_type)
    stub = channel.unary_unary(
        f"/{service}/{method}", request_serializer=lambda it: it.SerializeToString(), response_deserializer=answer.FromString
    )
    return stub(request, timeout=deadline)


def refusal(**arguments):
    try:
        call(**arguments)
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
        info, fields = error_details_pb2.ErrorInfo(), []
        for detail in status.details:
            detail.Unpack(info) if detail.Is(info.DESCRIPTOR) else None
            bad = error_details_pb2.BadRequest()
            if detail.Is(bad.DESCRIPTOR):
                detail.Unpack(bad)
                fields = [violation.field for violation in bad.field_violations]
        return error.code().name, info.reason, fields
    return "OK", "", []


services = set(database.get_services())
expected = {f"meridian.{name}.v1.{name.capitalize()}Service" for name in
            ("intake", "inventory", "dispatch", "coordinator", "notification")}
assert expected <= services, services
health = call("grpc.health.v1.Health", "Check")
assert health.status == 1, health
stock = call("meridian.inventory.v1.InventoryService", "FindStock", item_ids=["part-eu"])
assert stock.levels[0].available > 0, stock

inventory = "meridian.inventory.v1.InventoryService"
code, reason, fields = refusal(service=inventory, method="FindStock", item_ids=["part.eu>*"])
assert (code, reason) == ("INVALID_ARGUMENT", "INVALID_REQUEST") and "item_ids[0]" in fields, (code, reason, fields)
code, reason, fields = refusal(service=inventory, method="FindStock", deadline=None, item_ids=["part-eu"])
assert (code, reason, fields) == ("INVALID_ARGUMENT", "DEADLINE_REQUIRED", ["grpc-timeout"]), (code, reason, fields)
code, reason, fields = refusal(service="meridian.intake.v1.IntakeService", method="GetCase",
                               case_id="case_" + "0" * 32)
assert (code, reason) == ("NOT_FOUND", "CASE_NOT_FOUND"), (code, reason)
print("reflection, health and refusals work")
