import type { ChunkCodec } from '../ports/index.js'
import { createPacker } from '../services/store/createSection.js'
import type { PackedQuestion } from '../services/questions/Question.js'

/** A question as a test writes it down. */
export interface PlainQuestion {
  profile: string
  params: unknown
  domains: string[]
  cids: string[]
  seedIds: string[]
  lineage: Record<string, string[]>
  seedRoots: Record<string, string>
}

/** The same as it is read from a request's body. */
export function packQuestion(question: PlainQuestion, codec: ChunkCodec, batchSize: number): PackedQuestion {
  const { cids, seedIds, lineage, seedRoots, ...rest } = question
  function pack(as: 'items' | 'entries', entries: (readonly [string, unknown])[]) {
    const packer = createPacker<unknown>({ codec, batchSize, as })
    for (const [key, value] of entries) packer.add(key, value)
    return packer.finish()
  }
  const items = (ids: string[]) => ids.map((id) => [id, id] as const)
  return {
    ...rest,
    cidCount: cids.length,
    lists: {
      cids: pack('items', items(cids)),
      seedIds: pack('items', items(seedIds)),
      lineage: pack('entries', Object.entries(lineage)),
      seedRoots: pack('entries', Object.entries(seedRoots)),
    },
  }
}
