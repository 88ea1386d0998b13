/** Kinds of lots in the order they are made. A lot's parents are always of an earlier kind. */
export const LAYER = {
  wafer: 0,
  chips: 1,
  mother: 2,
  moulded: 3,
  plated: 4,
  finished: 5,
  rework: 6,
  shipped: 7,
} as const
export type Layer = (typeof LAYER)[keyof typeof LAYER]
export const LAYER_COUNT = 8

/** Hours from a family's start to the first possible moment of each layer; each is over before the next begins. */
export const LAYER_HOURS: Record<Layer, number> = {
  [LAYER.wafer]: 0,
  [LAYER.chips]: 32,
  [LAYER.mother]: 64,
  [LAYER.moulded]: 96,
  [LAYER.plated]: 128,
  [LAYER.finished]: 160,
  [LAYER.rework]: 192,
  [LAYER.shipped]: 224,
}

/** One operation of a route. */
export interface Step {
  /** Position among all steps; what hashes and tables go by. */
  index: number
  group: string
  groupIndex: number
  spec: string
  /** Names of the machines that can do it. */
  machines: readonly string[]
  machineIds: readonly string[]
  /** Work centres by machine: a group has two areas. */
  workCenters: readonly string[]
  /** Materials it uses up, as indices into `MATERIALS`. */
  materials: readonly number[]
  /** Whether it is the first of its group; that one is never skipped. */
  opensGroup: boolean
}

/** Machines that share the work of one step, unless its route says. Never few, or one would be in every lot's history. */
const MACHINES_PER_STEP = 24

/** `group: spec/machine prefix[×machines][+material]…` for each kind of lot; `焊接` differs by product. */
const WIRE_BOND =
  '焊接_WB: 電漿清洗/WPL+氬氣 焊線/WBD×12+金線+劈刀 拉力檢查/WPT 三光檢查/WTI 焊後清洗/WCL+焊後清洗劑'
const CLIP_BOND =
  '焊接_DW: 助焊劑塗佈/XFL+助焊劑 焊片貼裝/XCL+焊片 回流焊/XRF+回流焊氮氣 X光檢查/XRY 焊後清洗/XCW+助焊劑清洗液'
const DIE_BOND =
  '焊接_DB: 導線架上料/DLF+導線架 點膠/DGL+銀膠 上片/DDB+上片頂針+上片吸嘴 烘烤/DOV+烘箱氮氣 推力檢查/DSH 首件檢查/DFI'
const ROUTES = {
  wafer: [
    '來料檢: 外觀檢查/IVI 電性抽測/IEL+晶圓探針',
    '晶背研磨: 貼膜/GTA+研磨膠膜 粗磨/GGR+粗磨輪 細磨/GGF+細磨輪 撕膜/GDT+撕膜膠帶 清洗/GCL+研磨清洗劑 厚度量測/GTM',
    '背金: 蝕刻/BET+蝕刻液 蒸鍍/BMV+鈦靶+銀靶 合金/BAL+高純氮氣 附著力檢查/BAD+測試膠帶',
  ],
  chips: [
    '切割: 貼片/CTM+晶圓藍膜 雷射開槽/CLG+保護液 刀切/CSW+晶圓刀片+切割冷卻液 清洗/CCL+切割清洗劑 UV照射/CUV AOI檢查/CAO',
    '挑晶: 擴晶/PEX+擴晶環 挑晶/PPK+挑晶吸嘴+挑晶頂針 目檢/PVI 點數/PCT+晶粒盒 真空封存/PVS+晶粒乾燥劑 入庫/PIN',
  ],
  wireBonded: [DIE_BOND, WIRE_BOND],
  clipBonded: [DIE_BOND, CLIP_BOND],
  moulded: [
    '成型: 預熱/MPH 成型/MMD+環氧樹脂+脫模劑 後固化/MPC+固化氮氣 模具清潔/MCL+清模膠 外觀檢查/MVI',
    '去膠: 化學去膠/RCH+去膠劑 高壓水洗/RWJ+去膠濾芯 烘乾/RDR',
    '水吹砂: 吹砂/SBL+金剛砂 水洗/SRW+水洗濾芯 烘乾/SDR+烘乾氮氣 外觀檢查/SVI',
  ],
  plated: [
    '電鍍: 除油/EDG+除油劑 酸洗/EAC+硫酸 鍍錫/ETN+錫陽極+鍍液 中和/ENE+中和劑 烘烤/EBK 膜厚量測/ETM',
    '移印: 印字/KMK+油墨+膠頭 UV固化/KUV 印字檢查/KVI',
    '切彎腳: 切腳/TCT+切刀 彎腳/TFM+彎腳模 腳型量測/TMS',
  ],
  finished: [
    '元件切割: 貼膜/USM+切單膠膜 切單/USW+切單刀片+切單冷卻液 清洗/UCL+成品清洗劑 外觀檢查/UVI',
    '測試: 常溫測試/YRT+常溫探針+測試座 高溫測試/YHT+高溫探針 耐壓測試/YHV+耐壓治具 腳型檢測/YLD 分類/YSR+料管',
    '品檢: 外觀抽檢/QVI 尺寸抽檢/QDM+量規',
  ],
  rework: [
    '重工: 拆帶/ZUN+重工料管 清洗/ZCL+重工清洗劑 整腳/ZLD+整腳模 烘烤/ZBK+重工氮氣',
    '測試: 常溫測試/YRT+常溫探針+測試座 高溫測試/YHT+高溫探針 耐壓測試/YHV+耐壓治具 腳型檢測/YLD 分類/YSR+料管',
    '品檢: 外觀抽檢/QVI 尺寸抽檢/QDM+量規',
  ],
  shipped: [
    '包裝: 編帶/VTR+載帶+蓋帶 烘烤/VBK+包裝氮氣 真空包裝/VVP+鋁箔袋+乾燥劑 貼標/VLB+標籤 裝箱/VBX+紙箱 捲數清點/VCT',
    '出貨檢: 標籤核對/OLB 抽檢/OSP',
  ],
} as const

export interface Catalogue {
  steps: readonly Step[]
  materials: readonly string[]
  /** Steps of a kind of lot, by layer, for products with wire and with clip. */
  wireRoutes: readonly (readonly Step[])[]
  clipRoutes: readonly (readonly Step[])[]
}

/** Reads the route texts once; a source keeps the result. */
export function createCatalogue(): Catalogue {
  const steps = new Map<string, Step>()
  const groups: string[] = []
  const materials: string[] = []

  const readGroup = (text: string): Step[] => {
    const [group = '', list = ''] = text.split(': ')
    return list.split(' ').map((item, position) => {
      const [name = '', ...parts] = item.split('+')
      const [spec = '', machines = ''] = name.split('/')
      const [prefix = '', count] = machines.split('×')
      // A step that two kinds of lots share is one step, with the same machines.
      const known = steps.get(prefix)
      if (known) return known
      const step: Step = {
        index: steps.size,
        group,
        groupIndex: indexIn(groups, group),
        spec,
        ...nameMachines(steps.size, group, prefix, Number(count ?? MACHINES_PER_STEP)),
        materials: parts.map((part) => indexIn(materials, part)),
        opensGroup: position === 0,
      }
      steps.set(prefix, step)
      return step
    })
  }
  const read = (groups: readonly string[]) => groups.flatMap(readGroup)

  const before = [read(ROUTES.wafer), read(ROUTES.chips)]
  const wire = read(ROUTES.wireBonded)
  const clip = read(ROUTES.clipBonded)
  const after = [ROUTES.moulded, ROUTES.plated, ROUTES.finished, ROUTES.rework, ROUTES.shipped].map(read)
  return {
    steps: [...steps.values()],
    materials: materials.map((name, i) => `MAT-${String(101 + i * 7)} ${name}`),
    wireRoutes: [...before, wire, ...after],
    clipRoutes: [...before, clip, ...after],
  }
}

function nameMachines(index: number, group: string, prefix: string, count: number) {
  const numbers = Array.from({ length: count }, (_, i) => i + 1)
  return {
    machines: numbers.map((n) => `G${prefix}-${String(n * 3 + (index % 3)).padStart(4, '0')}`),
    machineIds: numbers.map((n) => `EQ${String(20_000 + index * 97 + n * 4)}`),
    workCenters: numbers.map((n) => `${group}_${n % 2 === 0 ? 'A區' : 'B區'}`),
  }
}

/** Where `name` is in `names`, put there if it is new. */
function indexIn(names: string[], name: string): number {
  const at = names.indexOf(name)
  return at === -1 ? names.push(name) - 1 : at
}
