import { readdirSync, readFileSync } from 'node:fs'

/**
 * The scripts in `lua/`, by name. Read from the folder in development and tests; `inlineLua` of the build puts their
 * texts here, so that a bundle is complete.
 */
export const LUA_TEXTS: Readonly<Record<string, string>> = readLua(new URL('./lua/', import.meta.url))

function readLua(folder: URL): Record<string, string> {
  const files = readdirSync(folder)
  return Object.fromEntries(
    files.map((file) => [file.replace('.lua', ''), readFileSync(new URL(file, folder), 'utf8')]),
  )
}
