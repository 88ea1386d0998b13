import type { Meta, StoryObj } from '@storybook/vue3-vite'
import { fn } from 'storybook/test'
import TraceJobsShelf from './TraceJobsShelf.vue'
import { rememberedJobs } from '../progress/traceStates.js'

const meta = {
  title: 'Components/TraceJobsShelf',
  component: TraceJobsShelf,
  args: { jobs: rememberedJobs, onResume: fn(), onCancel: fn(), onForget: fn() },
  argTypes: { nameOf: { control: false }, locale: { control: 'text' } },
} satisfies Meta<typeof TraceJobsShelf>

export default meta
type Story = StoryObj<typeof meta>

export const OneJob: Story = { args: { jobs: rememberedJobs.slice(0, 1) } }
export const SeveralJobs: Story = {}
export const NamedByThePage: Story = {
  args: { nameOf: ({ params }) => Object.values(params).flat().slice(0, 3).join(' · ') },
}
