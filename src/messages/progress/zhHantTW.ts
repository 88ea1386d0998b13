import type { ProgressTexts } from '../MessageCatalogue.js'

export const zhHantTW: ProgressTexts = {
  stages: {
    'seed-resolve': '解析起始批次',
    lineage: '追溯血緣',
    events: '讀取事件',
  },
  phases: {
    queued: '排隊等候中',
    fetching: '讀取事件中',
    aggregating: '計算統計數據中',
    cancelling: '取消中',
    done: '完成',
  },
  waits: {
    retry: '連線中斷，正在重試',
    offline: '沒有網路，恢復後將自動繼續',
    hidden: '頁面隱藏時暫停',
  },
}
