import { measureReplicas, replicasTable } from '../bench/replicas.js'

/** The process of `npm run replicas:cost`: what a shared store costs on this machine. Exit code 2: there is no store. */

try {
  console.log(replicasTable(await measureReplicas({ rounds: 1, seconds: 3 })))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
