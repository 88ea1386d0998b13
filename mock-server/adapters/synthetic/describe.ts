import type {
  ColumnDescription,
  DomainDescription,
  ProfileDescription,
  SourceDescriptionInput,
  Title,
} from '../../../src/protocol/index.js'

const title = (en: string, zh: string): Title => ({ en, 'zh-Hant-TW': zh })
const id = (name: string, en: string, zh: string): ColumnDescription => ({
  name,
  title: title(en, zh),
  kind: 'id',
})
const text = (name: string, en: string, zh: string): ColumnDescription => ({
  ...id(name, en, zh),
  kind: 'text',
})
const time = (name: string, en: string, zh: string): ColumnDescription => ({
  ...id(name, en, zh),
  kind: 'time',
})
const pieces = (name: string, en: string, zh: string): ColumnDescription => {
  return { ...id(name, en, zh), kind: 'quantity', unit: 'pcs' }
}
const hours = (name: string, en: string, zh: string): ColumnDescription => {
  return { ...id(name, en, zh), kind: 'quantity', unit: 'h' }
}

const CID = id('CONTAINERID', 'Container', '容器編號')
const LOT = id('CONTAINERNAME', 'Lot', '批號')
const WORK_CENTER = text('WORKCENTERNAME', 'Work center', '工作中心')
const STATION = text('WORKCENTER_GROUP', 'Station', '站點')
const MACHINE_ID = id('EQUIPMENTID', 'Machine id', '機台編號')
const MACHINE = text('EQUIPMENTNAME', 'Machine', '機台')
const SPEC = text('SPECNAME', 'Operation', '製程規格')
const IN_AT = time('TRACKINTIMESTAMP', 'In', '進站時間')
const IN_QTY = pieces('TRACKINQTY', 'In', '進站數量')
const TYPE = text('PJ_TYPE', 'Type', '產品型號')
const LOSS_REASON = text('LOSSREASONNAME', 'Loss reason', '不良原因')
const REJECTED = pieces('REJECT_TOTAL_QTY', 'Rejected in all', '報廢總數')
const AT = time('TXNDATE', 'Time', '交易時間')

/** Columns that say to the figures where a lot passed. */
const PASSES = {
  workCenter: { ...WORK_CENTER, role: 'station' },
  station: { ...STATION, role: 'station' },
  machine: { ...MACHINE, role: 'machine' },
} as const

const DOMAINS: DomainDescription[] = [
  {
    name: 'history',
    title: title('History', '生產履歷'),
    columns: [
      CID,
      PASSES.workCenter,
      MACHINE_ID,
      PASSES.machine,
      SPEC,
      IN_AT,
      time('TRACKOUTTIMESTAMP', 'Out', '出站時間'),
      IN_QTY,
      pieces('TRACKOUTQTY', 'Out', '出站數量'),
      id('FINISHEDRUNCARD', 'Run card', '完工流程卡'),
      id('PJ_WORKORDER', 'Work order', '工單'),
      LOT,
      TYPE,
      text('PJ_BOP', 'BOP', 'BOP'),
      id('WAFER_LOT_ID', 'Wafer lot', '晶圓批號'),
    ],
  },
  {
    name: 'materials',
    title: title('Materials', '原物料'),
    columns: [
      CID,
      LOT,
      { ...text('MATERIALPARTNAME', 'Material', '物料料號'), role: 'material' },
      { ...id('MATERIALLOTNAME', 'Material lot', '物料批號'), role: 'material_lot' },
      { ...pieces('QTYCONSUMED', 'Consumed', '耗用量'), unit: 'k' },
      WORK_CENTER,
      SPEC,
      MACHINE,
      AT,
    ],
  },
  {
    name: 'rejects',
    title: title('Rejects', '報廢'),
    columns: [
      CID,
      LOT,
      WORK_CENTER,
      STATION,
      { ...pieces('WORKCENTERSEQUENCE_GROUP', 'Station order', '站點順序'), unit: undefined },
      text('PRODUCTLINENAME', 'Product line', '產品線'),
      text('PJ_FUNCTION', 'Function', '功能'),
      TYPE,
      text('PRODUCTNAME', 'Product', '產品'),
      SPEC,
      LOSS_REASON,
      MACHINE,
      text('REJECTCOMMENT', 'Comment', '備註'),
      pieces('REJECT_QTY', 'Rejected', '報廢數'),
      pieces('STANDBY_QTY', 'Standby', '待命數'),
      pieces('QTYTOPROCESS_QTY', 'To process', '待加工數'),
      pieces('INPROCESS_QTY', 'In process', '加工中數'),
      pieces('PROCESSED_QTY', 'Processed', '已加工數'),
      REJECTED,
      pieces('DEFECT_QTY', 'Defects', '不良數'),
      time('TXN_TIME', 'Time', '時間'),
      AT,
      time('TXN_DAY', 'Day', '日期'),
    ],
  },
  {
    name: 'holds',
    title: title('Holds', '扣留'),
    columns: [
      CID,
      LOT,
      WORK_CENTER,
      time('HOLDTXNDATE', 'Held', '扣留時間'),
      id('HOLDEMP', 'Held by', '扣留人員'),
      text('HOLDEMPDEPTNAME', 'Department', '部門'),
      text('HOLDREASONNAME', 'Reason', '扣留原因'),
      text('HOLDCOMMENTS', 'Comment', '扣留備註'),
      time('RELEASETXNDATE', 'Released', '解除時間'),
      id('RELEASEEMP', 'Released by', '解除人員'),
      text('RELEASECOMMENTS', 'Release comment', '解除備註'),
      id('NCRID', 'NCR', 'NCR 編號'),
      text('HOLD_STATUS', 'Status', '狀態'),
      hours('HOLD_HOURS', 'Hours', '扣留時數'),
    ],
  },
  {
    name: 'jobs',
    title: title('Repairs', '維修工單'),
    columns: [
      id('JOBID', 'Repair', '維修編號'),
      id('RESOURCEID', 'Machine id', '機台編號'),
      text('RESOURCENAME', 'Machine', '機台'),
      text('JOBSTATUS', 'Status', '狀態'),
      text('JOBMODELNAME', 'Kind', '維修類別'),
      id('JOBORDERNAME', 'Order', '維修單號'),
      time('CREATEDATE', 'Begun', '建立時間'),
      time('COMPLETEDATE', 'Done', '完成時間'),
      text('CAUSECODENAME', 'Cause', '原因代碼'),
      text('REPAIRCODENAME', 'Repair', '維修代碼'),
      text('SYMPTOMCODENAME', 'Symptom', '故障現象'),
      text('CONTAINERIDS', 'Containers', '容器編號清單'),
      text('CONTAINERNAMES', 'Lots', '批號清單'),
      CID,
    ],
  },
  {
    name: 'upstream_history',
    title: title('Upstream history', '上游履歷'),
    columns: [CID, PASSES.workCenter, PASSES.station, MACHINE_ID, PASSES.machine, SPEC, IN_AT, IN_QTY],
  },
  {
    name: 'downstream_rejects',
    title: title('Downstream rejects', '下游報廢'),
    columns: [
      CID,
      PASSES.workCenter,
      PASSES.station,
      { ...LOSS_REASON, role: 'reject_reason' },
      PASSES.machine,
      { ...REJECTED, role: 'rejected_qty' },
      AT,
    ],
  },
  {
    name: 'downtime',
    title: title('Downtime', '停機紀錄'),
    columns: [
      id('DOWNTIMEID', 'Stop', '停機編號'),
      MACHINE_ID,
      MACHINE,
      STATION,
      text('REASON', 'Reason', '停機原因'),
      time('STARTTIME', 'From', '開始時間'),
      time('ENDTIME', 'To', '結束時間'),
      hours('HOURS', 'Hours', '停機時數'),
    ],
  },
]

const type = (value: string, en: string, zh: string) => ({ value, title: title(en, zh) })
const LOT_ID = type('lot_id', 'Lot', '批號')
const WAFER_LOT = type('wafer_lot', 'Wafer lot', '晶圓批號')
const WORK_ORDER = type('work_order', 'Work order', '工單')
const OF_LOTS = ['history', 'materials', 'rejects', 'holds', 'jobs']

/** Where lots are measured. */
export const STATIONS = [
  '測試',
  '切割',
  '焊接_DB',
  '焊接_WB',
  '焊接_DW',
  '成型',
  '電鍍',
  '元件切割',
  '品檢',
] as const

const PROFILES: (Omit<ProfileDescription, 'params'> & Partial<Pick<ProfileDescription, 'params'>>)[] = [
  {
    name: 'query_tool',
    title: title('What became of them?', '批次去向查詢'),
    stages: ['seeds', 'lineage', 'events'],
    direction: 'forward',
    seeds: { types: [LOT_ID, WAFER_LOT, WORK_ORDER] },
    domains: OF_LOTS,
  },
  {
    name: 'query_tool_reverse',
    title: title('Where did they come from?', '批次來源查詢'),
    stages: ['seeds', 'lineage', 'events'],
    direction: 'backward',
    seeds: {
      types: [
        type('serial_number', 'Serial number', '成品序號'),
        type('gd_work_order', 'Rework order', '重工工單'),
        type('gd_lot_id', 'Rework lot', '重工批號'),
      ],
    },
    domains: OF_LOTS,
  },
  {
    name: 'mid_section_defect',
    title: title('Defect trace', '中段不良追溯'),
    stages: ['seeds', 'lineage', 'events'],
    direction: 'asked',
    seeds: {
      types: [LOT_ID, WORK_ORDER, WAFER_LOT],
      dates: true,
      stations: STATIONS.map((value) => ({ value })),
    },
    figures: true,
    domains: {
      backward: ['upstream_history', 'materials'],
      forward: ['upstream_history', 'downstream_rejects'],
    },
  },
  {
    name: 'equipment_downtime',
    title: title('Downtime of machines', '機台停機查詢'),
    stages: ['events'],
    params: [
      { name: 'from', title: title('From', '開始日期'), kind: 'date', default: '2026-05-01' },
      { name: 'to', title: title('To', '結束日期'), kind: 'date', default: '2026-05-31' },
      {
        name: 'station',
        title: title('Stations', '站點'),
        kind: 'choice',
        many: true,
        choices: STATIONS.map((value) => ({ value })),
      },
    ],
    domains: ['downtime'],
  },
]

/** What the synthetic factory knows: the questions and rows of the original service, and the stops of its machines. */
export function describeFactory(): SourceDescriptionInput {
  return { profiles: PROFILES, domains: DOMAINS }
}
