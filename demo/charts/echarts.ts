import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import VueECharts from 'vue-echarts'

/** Only what the charts are made of: all of echarts is three times as large. */
export const VChart = equipped()

// Called for its result: this package declares itself free of side effects, and a bare call would be shaken off.
function equipped() {
  use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer])
  return VueECharts
}
