const allowedHosts: string[] = ['trace.example']

export default { allowedHosts }
