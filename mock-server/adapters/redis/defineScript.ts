import type { RedisClient } from './connectRedis.js'
import { LUA_TEXTS } from './luaTexts.js'

/**
 * One atomic step inside Redis: `args` become its first argument, as JSON, and `bytes` the others, as they are. What is
 * `undefined` is left out.
 */
export type RedisScript = (
  keys: string[],
  args: Record<string, unknown>,
  bytes?: readonly (number | Uint8Array)[],
) => Promise<unknown>

/** Makes `lua/<name>.lua` callable; it is sent once per connection, then named by its digest. */
export function defineScript(client: RedisClient, name: string): RedisScript {
  const commandName = `trace_${name}`
  client.defineCommand(commandName, { lua: textOf(name) })
  const command = (client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[
    commandName
  ]!
  return (keys, args, bytes = []) =>
    command.call(
      client,
      keys.length,
      ...keys,
      JSON.stringify(args),
      ...bytes.map((value) => (value instanceof Uint8Array ? asBuffer(value) : value)),
    )
}

/** A script with the parts it includes. */
function textOf(name: string): string {
  const text = LUA_TEXTS[name]
  if (text === undefined) throw new Error(`There is no script ${name}.lua`)
  return text.replace(/^--- @include (\w+)$/gm, (_, part: string) => textOf(part))
}

/** The same bytes: ioredis sends a `Uint8Array` that is no `Buffer` as text. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
