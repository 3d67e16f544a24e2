/**
 * Tells the processor time, in milliseconds, of the import of the library, of the first `startMock()`, of another one, and
 * of another one with a control request. Of others, the mean counts: collecting their garbage is a part of what they cost.
 */
const now = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const OTHERS = 9

const begin = now()
const { startMock } = await import(process.argv[2] ?? '')
const load = now() - begin
const time = async (use = async () => {}) => {
  const before = now()
  const mock = await startMock()
  await use(mock)
  const taken = now() - before
  await mock.close()
  return taken
}
const mean = async (use) => {
  let sum = 0
  for (let i = 0; i < OTHERS; i++) sum += await time(use)
  return sum / OTHERS
}

const first = await time()
const other = await mean()
// The first control request of a process builds what the others find there.
await time((mock) => mock.info())
const controlled = await mean((mock) => mock.info())
process.stdout.write(JSON.stringify({ load, first, other, controlled }))
