/** Whether a reader takes gzip (RFC 9110 12.5.3): named or meant by `*`, and not with quality 0. */
export function acceptsGzip(request: Request): boolean {
  const wishes = new Map<string, number>()
  for (const wish of (request.headers.get('Accept-Encoding') ?? '').toLowerCase().split(',')) {
    const [name, ...parameters] = wish.split(';').map((part) => part.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    if (name) wishes.set(name, quality === undefined ? 1 : Number(quality.slice(2)))
  }
  return (wishes.get('gzip') ?? wishes.get('x-gzip') ?? wishes.get('*') ?? 0) > 0
}
