export { default as TraceProgressBar } from './TraceProgressBar.vue'
export { default as TraceTable } from './TraceTable.vue'
import './style.css'
