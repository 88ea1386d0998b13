import { defineTraceServer } from 'vue-trace-progress-server'

const LOTS = ['A1', 'A2', 'B1']
const childrenOf = (id) => [`${id}-1`, `${id}-2`]

export default defineTraceServer({
  identify: (request) => request.headers.get('x-user'),
  allowedOrigins: ['https://mes.example'],
  source: {
    describe: () => ({
      profiles: [
        {
          name: 'where_used',
          stages: ['seeds', 'lineage', 'events'],
          direction: 'forward',
          seeds: { types: [{ value: 'batch' }] },
          domains: ['passes'],
        },
      ],
      domains: [
        {
          name: 'passes',
          columns: [
            { name: 'CONTAINERID', kind: 'id' },
            { name: 'STEP', kind: 'text' },
          ],
        },
      ],
    }),
    async resolveSeeds({ values }) {
      const matched = values.filter((lot) => LOTS.includes(lot))
      const seeds = matched.map((lot) => ({ container_id: lot, container_name: lot, lot_id: lot }))
      return { seeds, matched, next: null }
    },
    async lineage(ids, direction) {
      const childrenMap = new Map(ids.map((id) => [id, childrenOf(id)]))
      return {
        direction,
        roots: ids,
        childrenMap,
        leafSerials: new Map(),
        names: new Map(),
        nodes: [],
        edges: [],
      }
    },
    async *events(domain, ids) {
      yield ids.map((id) => ({ CONTAINERID: id, STEP: `${domain} 焊接` }))
    },
  },
})
