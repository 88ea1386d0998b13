import type { Meta, StoryObj } from '@storybook/vue3-vite'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { h, onScopeDispose, shallowRef } from 'vue'
import { storyRows } from '../../.storybook/playScenario.js'
import { RecordList } from '../../src/records/RecordList.js'
import type { TraceStatus } from '../../composables/useTraceProgress/TraceState.js'
import { rowsToBatch } from '../../src/records/rowsToBatch.js'
import TraceTable from './TraceTable.vue'

interface Args {
  /** Rows in all. */
  size: number
  /** Rows that arrive each second; 0: all are here. */
  rowsPerSecond: number
  filterable: boolean
  sortable: boolean
  stickToEnd: boolean
  rowHeightPx: number
  status: TraceStatus
  where?: Record<string, string[]>
  /** Rows of another kind than a factory's. */
  rows?: RecordList
}

const BATCH = 500

const meta = {
  title: 'Components/TraceTable',
  component: TraceTable,
  parameters: {
    docs: {
      description: {
        component:
          'Rows of one domain while they arrive: a `RecordList` of millions, of which only the rows and columns in ' +
          'view are drawn. Press a heading to sort, type above the rows to filter, move with the arrow keys, Home, ' +
          'End and the page keys. `status` lets a table without rows say why it has none. Its ' +
          'rows are as high as the page makes it, else `--trace-table-height` (400px).',
      },
    },
  },
  args: {
    size: 5000,
    rowsPerSecond: 0,
    filterable: true,
    sortable: true,
    stickToEnd: false,
    rowHeightPx: 28,
    status: 'running',
  },
  argTypes: {
    size: { control: { type: 'range', min: 0, max: 1_000_000, step: 500 } },
    rowsPerSecond: { control: { type: 'range', min: 0, max: 50_000, step: 500 } },
    rowHeightPx: { control: { type: 'range', min: 20, max: 60 } },
    rows: { table: { disable: true } },
    status: {
      control: 'select',
      options: ['idle', 'running', 'complete', 'partial', 'failed', 'aborted'],
      description: 'What a table without rows says',
    },
  },
  render: (args) => ({
    setup() {
      const rows = shallowRef(args.rows ?? filled(args.rowsPerSecond > 0 ? 0 : args.size))
      if (args.rowsPerSecond > 0) {
        const timer = setInterval(
          () => {
            if (rows.value.loaded < args.size) rows.value = rows.value.append(batchOf(BATCH))
          },
          (BATCH / args.rowsPerSecond) * 1000,
        )
        onScopeDispose(() => clearInterval(timer))
      }
      const { size: _, rowsPerSecond: __, ...props } = args
      return () => h(TraceTable, { ...props, rows: rows.value, label: 'rejects' })
    },
  }),
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

/** The same batch again and again: a million rows of stories need not be a million different ones. */
function filled(size: number): RecordList {
  const batch = batchOf(Math.min(size, BATCH))
  let list = RecordList.empty()
  while (list.loaded < size) list = list.append(batch)
  return list
}

function batchOf(size: number) {
  return rowsToBatch(storyRows(size))
}

export const Rows: Story = {}
export const NoRowsYet: Story = { args: { size: 0 } }
export const NoRowsAtAll: Story = { args: { size: 0, status: 'complete' } }
export const FailedWithoutRows: Story = { args: { size: 0, status: 'failed' } }
export const StoppedWithoutRows: Story = { args: { size: 0, status: 'aborted' } }
export const Million: Story = { args: { size: 1_000_000 } }
export const Arriving: Story = { args: { rowsPerSecond: 2000, stickToEnd: true, size: 100_000 } }
export const OnlySomeValues: Story = { args: { where: { LOSSREASONNAME: ['焊線脫落'] } } }

export const Sorted: Story = {
  async play({ canvasElement }) {
    const canvas = within(canvasElement)
    const heading = await canvas.findByRole('columnheader', { name: /REJECT_QTY/ })
    await userEvent.click(heading)
    await waitFor(() => expect(heading).toHaveAttribute('aria-sort', 'ascending'))
  },
}

export const Filtered: Story = {
  async play({ canvasElement }) {
    const canvas = within(canvasElement)
    await userEvent.type(await canvas.findByRole('searchbox'), '晶片破裂')
    await waitFor(() => expect(canvasElement.querySelector('[role="gridcell"]')).toBeVisible())
    await waitFor(() => expect(canvas.getByRole('grid')).toHaveAttribute('aria-rowcount', '1001'))
  },
}

export const NoMatch: Story = {
  async play({ canvasElement }) {
    const canvas = within(canvasElement)
    await userEvent.type(await canvas.findByRole('searchbox'), 'nowhere')
    await waitFor(() => expect(canvas.getByRole('grid')).toHaveAttribute('aria-rowcount', '1'))
  },
}

const COLUMNS = Array.from({ length: 1000 }, (_, i) => `${i % 3 === 0 ? '測試站' : 'STATION'}_${String(i)}`)

/** Cells and headings out of view are not drawn; what is drawn stands in its place to the pixel. */
export const ThousandColumns: Story = {
  args: {
    rows: RecordList.empty().append(
      rowsToBatch(
        Array.from({ length: 40 }, (_, row) => Object.fromEntries(COLUMNS.map((name, i) => [name, row * i]))),
      ),
    ),
  },
}

/** A long text is cut, and opens with Enter, or when its cell is pressed again. */
export const LongTexts: Story = {
  args: {
    rows: RecordList.empty().append(
      rowsToBatch(
        Array.from({ length: 40 }, (_, i) => ({
          LOT: `GA26-${String(i)}`,
          LOG: `09:${String(i).padStart(2, '0')} 測試站 GYHT-0022 contact check failed, retest requested\n`.repeat(
            400,
          ),
          MEASURED: {
            points: Array.from({ length: 400 }, (_, point) => ({ x: point, y: (point * i) % 97 })),
          },
        })),
      ),
    ),
  },
  async play({ canvasElement }) {
    const canvas = within(canvasElement)
    await waitFor(() => expect(canvas.getAllByRole('gridcell')).not.toHaveLength(0))
    canvas.getByRole('grid').focus()
    await userEvent.keyboard('{ArrowRight}{Enter}')
    await waitFor(() => expect(canvas.getByRole('dialog')).toBeVisible())
  },
}
