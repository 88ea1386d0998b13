import { toHex } from './hashKey.js'
import type { QuestionInMemory } from './Question.js'

const utf8 = new TextEncoder()

/** SHA-256 over the ids and the lineage of a question; batch by batch, since they may be 54 MB of text. */
export async function hashQuestion(
  { cids, seedIds, lineage, seedRoots }: QuestionInMemory,
  batchSize: number,
): Promise<string> {
  const digests: string[] = []
  for (const list of [cids, seedIds, Object.entries(lineage), Object.entries(seedRoots)]) {
    digests.push(String(list.length))
    for (let at = 0; at < list.length; at += batchSize) {
      digests.push(await digest(JSON.stringify(list.slice(at, at + batchSize))))
    }
  }
  return digest(digests.join(' '))
}

async function digest(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(text))))
}
