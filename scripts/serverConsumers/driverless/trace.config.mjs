import { defineTraceServer } from 'vue-trace-progress-server'
import { createPostgresSource } from 'vue-trace-progress-server/postgres'

export default defineTraceServer({
  source: createPostgresSource({ connection: 'postgres://127.0.0.1/factory' }),
})
