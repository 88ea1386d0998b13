import type { Way } from '../Way.js'

/** A floor: the bytes arrive, and nothing is done with them. */
export const run: Way['run'] = async (url) => {
  const reader = (await fetch(url)).body!.getReader()
  while (!(await reader.read()).done);
  return null
}
