import './style.css'

export { createTraceLabels, type LabelCatalogues } from './labels/useLabels.js'
export type { Labels } from './labels/Labels.js'
export { default as TraceJobPanel } from './TraceJobPanel.vue'
export { default as TraceProgressBar } from './TraceProgressBar.vue'
export { default as TraceResultBanner } from './TraceResultBanner.vue'
export { default as TraceTable } from './TraceTable.vue'
