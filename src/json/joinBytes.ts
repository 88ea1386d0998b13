/** `parts` one after the other, in new bytes. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(parts))
  let length = 0
  for (const part of parts) {
    whole.set(part, length)
    length += part.length
  }
  return whole
}

/**
 * The same in steps, one for each part, for whoever has other things to do in between: 142 MB are 60 ms of copying.
 * Takes the parts out of `parts` as it goes, so that they are not held twice.
 */
export function* joinBytesInSteps(parts: Uint8Array[]): Generator<void, Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(lengthOf(parts))
  parts.reverse()
  for (let length = 0, part = parts.pop(); part; part = parts.pop()) {
    whole.set(part, length)
    length += part.length
    yield
  }
  return whole
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((length, part) => length + part.length, 0)
}
