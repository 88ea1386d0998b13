/** The page's own words. The library brings those of its errors and stages. */
const en = {
  title: 'Trace progress',
  intro: 'Ask which machine, material or wafer a set of lots had in common.',
  profile: 'Question',
  profiles: {
    mid_section_defect: 'Defect trace: what did failed lots share?',
    query_tool: 'Lot query: what became of these lots?',
    query_tool_reverse: 'Reverse query: where did these come from?',
  },
  size: 'Size',
  sizes: {
    full: 'Five months: 114,000 containers, 2.3 million rows',
    month: 'One month: about 25,000 containers',
    week: 'One week',
    day: 'One day',
  },
  resolveType: 'Search by',
  values: 'Values, one per line',
  start: 'Start',
  domains: 'Domains',
  noRows: 'Rows appear here while they arrive.',
  stick: 'Follow the newest rows',
  language: '中文',
} as const

type Texts = {
  [K in keyof typeof en]: (typeof en)[K] extends string ? string : Record<keyof (typeof en)[K], string>
}

const zh: Texts = {
  title: '追溯進度',
  intro: '查詢一批批次共同經過的機台、物料或晶圓。',
  profile: '查詢類型',
  profiles: {
    mid_section_defect: '中段不良追溯：不良批次有何共同點？',
    query_tool: '批次查詢：這些批次後來如何？',
    query_tool_reverse: '反向查詢：這些產品從何而來？',
  },
  size: '規模',
  sizes: {
    full: '五個月：114,000 個批次、230 萬筆事件',
    month: '一個月：約 25,000 個批次',
    week: '一週',
    day: '一天',
  },
  resolveType: '查詢方式',
  values: '查詢值，每行一個',
  start: '開始查詢',
  domains: '資料類別',
  noRows: '資料到達時會立即顯示於此。',
  stick: '跟隨最新資料',
  language: 'English',
}

export const TEXTS = { en, 'zh-Hant-TW': zh } satisfies Record<string, Texts>
export type Locale = keyof typeof TEXTS
