import type { DomainDescription, SourceDescription } from '../../../src/protocol/index.js'

/** What every run begins with, whatever its source. */
const SEEDS: DomainDescription = {
  name: 'seeds',
  title: { en: 'Seeds', 'zh-Hant-TW': '起始批次' },
  columns: [
    { name: 'CONTAINERID', title: { en: 'Container', 'zh-Hant-TW': '容器編號' }, kind: 'id' },
    { name: 'CONTAINERNAME', title: { en: 'Name', 'zh-Hant-TW': '名稱' }, kind: 'id' },
    { name: 'LOT_ID', title: { en: 'Lot', 'zh-Hant-TW': '批號' }, kind: 'id' },
    { name: 'INPUT_VALUE', title: { en: 'Found by', 'zh-Hant-TW': '查詢值' }, kind: 'id' },
  ],
}

const DETECTIONS: DomainDescription = {
  name: 'detections',
  title: { en: 'Detections', 'zh-Hant-TW': '檢出批次' },
  columns: [
    { name: 'CONTAINERID', title: { en: 'Container', 'zh-Hant-TW': '容器編號' }, kind: 'id' },
    { name: 'LOT_ID', title: { en: 'Lot', 'zh-Hant-TW': '批號' }, kind: 'id' },
    { name: 'DATE', title: { en: 'Date', 'zh-Hant-TW': '日期' }, kind: 'time' },
    { name: 'INPUTQTY', title: { en: 'Input', 'zh-Hant-TW': '投入數' }, kind: 'quantity' },
    { name: 'DEFECTQTY', title: { en: 'Defects', 'zh-Hant-TW': '不良數' }, kind: 'quantity' },
    { name: 'RATE', title: { en: 'Defect rate', 'zh-Hant-TW': '不良率' }, kind: 'rate' },
    { name: 'TOP_REASON', title: { en: 'Top loss reason', 'zh-Hant-TW': '主要不良原因' }, kind: 'text' },
    { name: 'PRODUCT', title: { en: 'Product', 'zh-Hant-TW': '產品' }, kind: 'text' },
    { name: 'IS_REWORK', title: { en: 'Rework', 'zh-Hant-TW': '重工' }, kind: 'text' },
  ],
}

/** What a source says, and what the server's own domains of runs are. */
export function withRunDomains({ profiles, domains }: SourceDescription): SourceDescription {
  const hasSeeds = profiles.some(({ stages }) => stages.includes('seeds'))
  const hasFigures = profiles.some(({ figures }) => figures)
  return {
    profiles,
    domains: [...(hasSeeds ? [SEEDS] : []), ...(hasFigures ? [DETECTIONS] : []), ...domains],
  }
}
