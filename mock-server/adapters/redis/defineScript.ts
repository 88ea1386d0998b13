import type { RedisClient } from './connectRedis.js'

export type ScriptArgument = string | number | Uint8Array

/** One atomic step inside Redis. */
export type RedisScript = (keys: string[], args: ScriptArgument[]) => Promise<unknown>

/** Makes a Lua script callable; it is sent once per connection, then named by its digest. */
export function defineScript(client: RedisClient, name: string, lua: string): RedisScript {
  client.defineCommand(name, { lua })
  const command = (client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[name]!
  return (keys, args) =>
    command.call(
      client,
      keys.length,
      ...keys,
      ...args.map((arg) => (arg instanceof Uint8Array ? asBuffer(arg) : arg)),
    )
}

/** The same bytes: ioredis sends a `Uint8Array` that is no `Buffer` as text. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
