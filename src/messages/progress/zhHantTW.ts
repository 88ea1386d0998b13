import type { ProgressTexts } from '../MessageCatalogue.js'

export const zhHantTW: ProgressTexts = {
  stages: {
    'seed-resolve': '解析起始批次',
    lineage: '追溯血緣',
    events: '讀取事件',
  },
  phases: {
    queued: '排隊等候中',
    seeds: '解析起始批次中',
    lineage: '追溯血緣中',
    fetching: '讀取事件中',
    aggregating: '計算統計數據中',
    cancelling: '取消中',
    done: '完成',
  },
  waits: {
    retry: '連線中斷，{seconds} 秒後重試',
    offline: '沒有網路，會不時重試，恢復後立即繼續',
    busy: '伺服器忙碌中，{seconds} 秒後自動繼續',
    silent: '伺服器沒有此工作的新消息',
    hidden: '頁面隱藏時暫停',
  },
  notes: {
    askedAnew: '伺服器遺失了此工作（可能已重新啟動），已自動重新查詢。',
  },
}
