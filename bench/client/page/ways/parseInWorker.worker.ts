globalThis.onmessage = async ({ data: url }: MessageEvent<string>) => {
  const reader = (await fetch(url)).body!.getReader()
  const decoder = new TextDecoder()
  let fragments: Uint8Array[] = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    let start = 0
    for (let lf = value.indexOf(10); lf !== -1; lf = value.indexOf(10, start)) {
      fragments.push(value.subarray(start, lf))
      start = lf + 1
      JSON.parse(
        fragments.map((bytes, i) => decoder.decode(bytes, { stream: i < fragments.length - 1 })).join(''),
      )
      fragments = []
    }
    fragments.push(value.subarray(start))
  }
  postMessage(null)
}
