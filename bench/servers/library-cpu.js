// Tells the processor time, in milliseconds, that the import of the library and then each of ten startMock() take.
const now = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const begin = now()
const { startMock } = await import(process.argv[2] ?? '')
const times = [now() - begin]
for (let i = 0; i < 10; i++) {
  const before = now()
  const mock = await startMock()
  times.push(now() - before)
  await mock.close()
}
process.stdout.write(JSON.stringify(times))
