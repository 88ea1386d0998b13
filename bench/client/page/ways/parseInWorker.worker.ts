const decoder = new TextDecoder()
let line = new Uint8Array(1 << 22)
let held = 0

function hold(bytes: Uint8Array) {
  if (held + bytes.length > line.length) {
    const larger = new Uint8Array(2 * (held + bytes.length))
    larger.set(line.subarray(0, held))
    line = larger
  }
  line.set(bytes, held)
  held += bytes.length
}

globalThis.onmessage = async ({ data: url }: MessageEvent<string>) => {
  const reader = (await fetch(url)).body!.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    let start = 0
    for (let lf = value.indexOf(10); lf !== -1; lf = value.indexOf(10, start)) {
      hold(value.subarray(start, lf))
      start = lf + 1
      JSON.parse(decoder.decode(line.subarray(0, held)))
      held = 0
    }
    hold(value.subarray(start))
  }
  postMessage(null)
}
