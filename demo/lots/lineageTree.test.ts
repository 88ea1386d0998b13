import { describe, expect, it } from 'vitest'
import { lineageTree } from './lineageTree.js'

const ANSWER = {
  ancestors: null,
  childrenMap: null,
  seedRoots: null,
  lineageId: null,
  cidCount: null,
  totalNodes: null,
  totalAncestorCount: null,
  eventsJson: null,
  raw: {},
}
const SEEDS = [{ containerId: 'C1', containerName: 'GA1', lotId: 'GA1' }]

describe('lineageTree', () => {
  it('goes forward by children, and names lots as the server does', () => {
    const nodes = { C2: { container_name: 'GA2', node_type: 'LOT' } }
    const tree = lineageTree(SEEDS, { ...ANSWER, childrenMap: { C1: ['C2'] }, raw: { nodes } })
    expect(tree.roots).toEqual([{ id: 'C1', name: 'GA1', type: '', childIds: ['C2'] }])
    expect(tree.node('C2')).toEqual({ id: 'C2', name: 'GA2', type: 'LOT', childIds: [] })
  })

  it('goes backward parent by parent where the server tells parents, else to all ancestors', () => {
    const ancestors = { C1: ['C3', 'C4'] }
    const parents = lineageTree(SEEDS, {
      ...ANSWER,
      ancestors,
      raw: { parent_map: { C1: ['C3'], C3: ['C4'] } },
    })
    expect(parents.node('C3').childIds).toEqual(['C4'])
    expect(lineageTree(SEEDS, { ...ANSWER, ancestors }).roots[0]!.childIds).toEqual(['C3', 'C4'])
  })

  it('is not misled by lots that are called like parts of an object', () => {
    const tree = lineageTree(SEEDS, { ...ANSWER, childrenMap: {} })
    expect(tree.node('constructor')).toEqual({
      id: 'constructor',
      name: 'constructor',
      type: '',
      childIds: [],
    })
  })
})
