import { setup, type Preview } from '@storybook/vue3-vite'
import { mswLoader } from 'msw-storybook-addon/csf3'
import { setupWorker } from 'msw/browser'
import { ref } from 'vue'
import { createTrace } from '../composables/index.js'
import '../components/style.css'
import './preview.css'

const locale = ref('en')
setup((app) => app.use(createTrace({ locale })))

async function startMocks() {
  const worker = setupWorker()
  await worker.start({
    quiet: true,
    onUnhandledRequest: 'bypass',
    serviceWorker: { url: './mockServiceWorker.js' },
  })
  return worker
}

export default {
  loaders: [mswLoader(startMocks)],
  tags: ['autodocs'],
  parameters: {
    layout: 'padded',
    controls: { expanded: true },
    docs: { toc: true },
    a11y: { test: 'error' },
    options: { storySort: { order: ['useTraceProgress', ['Docs'], 'Components'] } },
  },
  initialGlobals: { locale: 'en', theme: 'system' },
  globalTypes: {
    locale: {
      description: 'Language',
      toolbar: {
        icon: 'globe',
        items: [
          { value: 'en', title: 'English' },
          { value: 'zh-Hant-TW', title: '繁體中文' },
        ],
      },
    },
    theme: {
      description: 'Light or dark',
      toolbar: {
        icon: 'contrast',
        items: [
          { value: 'system', title: 'As the system' },
          { value: 'light', title: 'Light' },
          { value: 'dark', title: 'Dark' },
        ],
      },
    },
  },
  decorators: [
    (story, { globals }) => {
      locale.value = String(globals.locale)
      document.documentElement.lang = locale.value
      document.documentElement.dataset.traceTheme = String(globals.theme)
      return { components: { story: story() }, template: '<main class="story"><story /></main>' }
    },
  ],
} satisfies Preview
