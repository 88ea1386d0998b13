/** What is made: one product for each family of lots. */
export interface Product {
  type: string
  bop: string
  line: string
  function: string
  name: string
  bond: 'wire' | 'clip'
}

export const PRODUCTS: readonly Product[] = [
  { type: 'SOD-123FL', bop: 'BOP-A', line: '小信號', function: 'Schottky', name: 'SS14L', bond: 'wire' },
  { type: 'SOT-23', bop: 'BOP-B', line: '小信號', function: 'MOSFET', name: 'PJ2301', bond: 'wire' },
  { type: 'DFN1006-2L', bop: 'BOP-C2', line: '小信號', function: 'ESD', name: 'PESDNC2FD5V', bond: 'wire' },
  { type: 'TO-252AA', bop: 'BOP-D', line: '功率元件', function: 'MOSFET', name: 'PJD40P04', bond: 'wire' },
  { type: 'TO-220AB', bop: 'BOP-D1', line: '功率元件', function: 'MOSFET', name: 'PJP12N65', bond: 'wire' },
  { type: 'DO-214AC', bop: 'BOP-E', line: '整流', function: 'Rectifier', name: 'S1M', bond: 'clip' },
  { type: 'DO-214AB', bop: 'BOP-E3', line: '整流', function: 'TVS', name: 'SMCJ58A', bond: 'clip' },
]

/** What a reason written by nobody is called. */
const NO_REASON = '(未填寫)'

/** Reasons of loss by group of stations; the first of each is the common one. */
export const LOSS_REASONS: Readonly<Record<string, readonly string[]>> = {
  測試: ['電性不良_IR', '電性不良_VF', '耐壓不良', '短路', '開路', '腳型不良', NO_REASON],
  切割: ['晶片崩邊', '晶片破裂', '刀痕', NO_REASON],
  焊接_DB: ['晶片偏移', '膠量不足', '晶片破裂', NO_REASON],
  焊接_WB: ['焊線偏移', '球脫', '線弧異常', NO_REASON],
  焊接_DW: ['焊片偏移', '空洞超規', '溢錫', NO_REASON],
  成型: ['未充填', '氣孔', '溢膠', NO_REASON],
  電鍍: ['變色', '鍍層過薄', '毛刺', NO_REASON],
  切彎腳: ['腳彎', '壓傷', NO_REASON],
}
export const OTHER_LOSS_REASONS: readonly string[] = ['外觀不良', '掉料', '數量短少', NO_REASON]

/** The marks that a bad machine, material or wafer leaves at the test, in that order. */
export const CULPRIT_REASONS: readonly string[] = ['焊線脫落', '晶片脫落', '晶片破裂']

export const REJECT_COMMENTS: readonly (string | null)[] = [
  null,
  null,
  null,
  '首件調機報廢',
  '設備異常停機後清線,數量已與領班確認',
  '客戶要求"零缺陷"抽樣加嚴\n超出 AQL 退回',
  're-test OK 後仍有 2 顆不良',
]

export const HOLD_REASONS: readonly string[] = [
  '工程實驗',
  '品質異常',
  '客訴追溯',
  '設備異常',
  '待判定',
  '數量異常',
]

export const HOLD_COMMENTS: readonly string[] = [
  '待工程確認\n1. 量測 "VF" 分佈\n2. 與前批比對',
  'SPC 超出管制上限 (Cpk < 1.33),請勿轉序',
  '客戶 "ACME, Inc." 通知暫停出貨;路徑 \\\\fs01\\qa\\NCR',
  '設備 alarm 後同機台批次全數 HOLD',
  'QA: 抽檢 3/125 NG — 加抽中',
  '混料疑慮:\t標籤與隨工單不符',
]

export const RELEASE_COMMENTS: readonly string[] = [
  '複判 OK,放行',
  '工程判定可用 "AS IS"',
  '重測後良率 99.2%\n依 MRB 決議放行',
  '數量已更正',
]

export const DEPARTMENTS: readonly string[] = ['製造一部', '製造二部', '品保部', '工程部', '設備部']

export const REPAIR_MODELS: readonly string[] = ['PM', 'CM', 'SETUP', '校正']
export const CAUSE_CODES: readonly (string | null)[] = ['磨耗', '參數飄移', '異物', '人為', null]
export const REPAIR_CODES: readonly (string | null)[] = ['更換零件', '清潔', '重新校正', '調整', null]
export const SYMPTOM_CODES: readonly string[] = ['卡料', '真空異常', '溫度異常', '影像辨識失敗', '壓力不足']

export const STOP_REASONS: readonly string[] = ['故障', '保養', '換線', '待料', '待人', '首件確認']
