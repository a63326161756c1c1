"""Prints what happens in a region, as any other system can: python3 subscribe.py nats://127.0.0.1:7411 (needs nats-py)."""
import asyncio, json, sys
import nats

async def main():
    js = (await nats.connect(sys.argv[1])).jetstream()
    subscription = await js.subscribe("meridian.*.intake.>", ordered_consumer=True)
    async for message in subscription.messages:
        print(message.headers["ce-type"], message.headers["ce-id"], json.loads(message.data), flush=True)

asyncio.run(main())
