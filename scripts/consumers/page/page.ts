import { useTraceProgress } from 'vue-trace-progress'
import { TraceTable } from 'vue-trace-progress/components'
import 'vue-trace-progress/style.css'

interface Domains {
  materials: { CONTAINERID: string; MATERIALPARTNAME: string | null }
}

const { domains } = useTraceProgress<Domains>({ profile: 'mid_section_defect' })
export const part: string | null | undefined = domains.value.materials?.at(0)?.MATERIALPARTNAME
// @ts-expect-error a column that there is not
export const nope: unknown = domains.value.materials?.at(0)?.NOPE
export const table = TraceTable
