import type { LineageAnswer, SeedAnswer } from '../../protocol/index.js'
import { joinBytesInSteps } from '../../json/bytes.js'
import { runInSlices } from '../../async/slices.js'
import { slicesOf, type TraceContext } from '../run/TraceContext.js'
import type { TraceQuestion } from '../run/TraceQuestion.js'

const encoder = new TextEncoder()

/** The body of an events request. By `lineage_id` it is small; without, it carries every id and the lineage. */
export async function buildEventsBody(
  { profile, params }: TraceQuestion,
  domains: readonly string[],
  { cacheKey }: SeedAnswer,
  { lineageId, eventsJson }: LineageAnswer,
  context: TraceContext,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const envelope = { profile, domains, params, cache_key: cacheKey }
  if (!eventsJson) return JSON.stringify({ ...envelope, lineage_id: lineageId })
  const head = encoder.encode(`${JSON.stringify(envelope).slice(0, -1)},`)
  return await runInSlices(joinBytesInSteps([head, eventsJson, encoder.encode('}')]), slicesOf(context))
}
