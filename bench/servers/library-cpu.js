// Tells the processor time, in milliseconds, that each of ten startMock() takes in a process of its own.
const { startMock } = await import(process.argv[2] ?? '')

const times = []
for (let i = 0; i < 10; i++) {
  const before = process.cpuUsage()
  const mock = await startMock()
  const { user, system } = process.cpuUsage(before)
  times.push((user + system) / 1000)
  await mock.close()
}
process.stdout.write(JSON.stringify(times))
