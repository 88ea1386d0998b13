/** Whether a reader takes gzip (RFC 9110 12.5.3): named or meant by `*`, and not with quality 0. */
export function acceptsGzip(request: Request): boolean {
  const qualities = new Map<string, number>()
  for (const coding of (request.headers.get('Accept-Encoding') ?? '').toLowerCase().split(',')) {
    const [name, ...parameters] = coding.split(';').map((part) => part.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    if (name) qualities.set(name, quality === undefined ? 1 : Number(quality.slice(2)))
  }
  return (qualities.get('gzip') ?? qualities.get('x-gzip') ?? qualities.get('*') ?? 0) > 0
}
