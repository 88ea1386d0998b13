import { createApp } from 'vue'
import App from './App.vue'
import 'vue-trace-progress/style.css'
import './demo.css'

createApp(App).mount('#app')
