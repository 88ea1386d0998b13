import { createApp, ref } from 'vue'
import { createTrace } from 'vue-trace-progress'
import App from './App.vue'
import { LOCALE, type Locale } from './texts.js'
import 'vue-trace-progress/style.css'
import './demo.css'

const locale = ref<Locale>(navigator.language.startsWith('zh') ? 'zh-Hant-TW' : 'en')

createApp(App).use(createTrace({ locale })).provide(LOCALE, locale).mount('#app')
