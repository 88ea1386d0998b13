import { Redis } from 'ioredis'
import { freePort, startTestRedis, type TestRedis, type TestRedisOptions } from './startTestRedis.js'

/** A Redis Cluster of the test's own: masters that share the slots, without replicas. */
export interface TestCluster {
  masters: TestRedis[]
  /** As `REDIS_CLUSTER_NODES` wants them. */
  nodes: string[]
  remove: () => Promise<void>
}

const SLOTS = 16_384

/** Starts `count` masters and waits until they agree. */
export async function startTestCluster(count = 3, options: TestRedisOptions = {}): Promise<TestCluster> {
  const members = await Promise.all(
    Array.from({ length: count }, async () => {
      const busPort = await freePort()
      const settings = [
        ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
        ...['--cluster-node-timeout', '3000', ...(options.settings ?? [])],
      ]
      const server = await startTestRedis({ ...options, settings })
      return { server, busPort, admin: new Redis(server.port, '127.0.0.1') }
    }),
  )
  for (const [index, { admin }] of members.entries()) {
    const from = Math.floor((SLOTS * index) / count)
    const to = Math.floor((SLOTS * (index + 1)) / count) - 1
    await admin.cluster('ADDSLOTSRANGE', from, to)
    const { server, busPort } = members[0]!
    if (index > 0) await admin.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)
  }
  for (const { admin } of members) {
    while (!(await isWhole(admin, count))) await new Promise((resolve) => setTimeout(resolve, 50))
    admin.disconnect()
  }

  const masters = members.map(({ server }) => server)
  return {
    masters,
    nodes: masters.map(({ port }) => `127.0.0.1:${port}`),
    remove: async () => void (await Promise.all(masters.map((master) => master.remove()))),
  }
}

async function isWhole(admin: Redis, count: number): Promise<boolean> {
  const info = await admin.cluster('INFO')
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${count}`)
}
