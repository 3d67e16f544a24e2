import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { readCommandLine } from '../../src/cli/invocation.js'
import { FaultSeed } from '../../src/control/bodies.js'
import { PROBE_AGENT } from '../../src/control/health-probe.js'
import { send } from '../http.js'
import { run } from '../process.js'

/** What people copy from deploy/ fits the image, and what the server answers. */

const ROOT = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const manifest = (name: string) => parse(read(`deploy/kubernetes/${name}.yaml`))
const dockerfile = read('Dockerfile')
const { version } = JSON.parse(read('package.json'))
const MAX_DELAY_SECONDS = Number((FaultSeed.properties.delay as { maximum?: number }).maximum) / 1000

/** The environment that the image gives the program. */
const environment = Object.fromEntries(
  [...(/^ENV (.+)$/m.exec(dockerfile)?.[1] ?? '').matchAll(/(\S+)=(\S+)/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]),
)
/** As the image would run it. */
const served = (args: string[], variables: object) => {
  const asked = readCommandLine(args, { ...environment, ...variables })
  if (asked.command !== 'serve') throw new Error(asked.command)
  t.strictSame(asked.warnings, [])
  return asked.options
}

const { spec: deployment } = manifest('deployment')
const pod = deployment.template.spec
const [container] = pod.containers
const services = {
  'compose.yaml': parse(read('deploy/compose.yaml')).services.authentik,
  'devcontainer/compose.yaml': parse(read('deploy/devcontainer/compose.yaml')).services.authentik,
}

t.test('compose runs three mocks that share a store, behind whoever asks whether they are ready', async (t) => {
  const { services, configs, volumes } = parse(read('deploy/compose.replicas.yaml'))
  const { mock, valkey, authentik } = services
  const variables = { AUTHENTIK_BOOTSTRAP_TOKEN: 'key' }
  t.match(served(mock.command, variables), { store: { host: 'valkey', port: 6379 }, storeReads: 'current' })
  const balancer = configs[authentik.configs[0].source].content
  t.match(balancer, `option httpchk GET /-/health/ready/\n  http-check send hdr User-Agent ${PROBE_AGENT}\n`)
  t.match(balancer, `server-template mock ${mock.deploy.replicas} mock:9000 check`)
  t.match(balancer, 'option forwardfor', 'the mock counts what each address asks for')
  for (const side of ['client', 'server']) {
    const [, seconds] = new RegExp(`timeout ${side} (\\d+)s`).exec(balancer) ?? []
    t.ok(Number(seconds) > MAX_DELAY_SECONDS, `it waits for an answer that a fault delays: ${side}`)
  }
  t.ok(valkey.command.join(' ').includes('--appendonly yes'))
  for (const volume of valkey.volumes) t.ok(volume.split(':')[0] in volumes)
  for (const service of [mock, authentik, valkey]) t.match(service, { read_only: true, cap_drop: ['ALL'] })
})

t.test('Kubernetes runs one process, that nobody can get anything out of', async (t) => {
  t.strictSame([deployment.replicas, deployment.strategy.type], [1, 'Recreate'])
  t.match(dockerfile, /^USER 65534:65534$/m)
  // What the Pod Security Standard "restricted" asks for, and a root that cannot be written.
  t.match(pod, {
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    automountServiceAccountToken: false,
  })
  t.strictSame(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'volumes', 'initContainers']) t.notOk(field in pod, field)
})

t.test('Kubernetes asks at the ports and paths that the program answers at', async (t) => {
  const options = served(container.args, { AUTHENTIK_BOOTSTRAP_TOKEN: 'key' })
  t.match(options, { host: '0.0.0.0', token: 'key' })
  const ports = new Map<string, number>(
    container.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [name, containerPort]),
  )
  t.strictSame(Object.fromEntries(ports), { http: options.port, https: options.httpsPort })
  t.match(dockerfile, new RegExp(`^EXPOSE ${options.port} ${options.httpsPort}$`, 'm'))
  for (const { name, targetPort } of manifest('service').spec.ports) t.ok(name === targetPort && ports.has(name), name)

  await using server = run([...container.args, '--port', '0'])
  const [, url = ''] = await server.prints(/ready on (\S+)/)
  for (const [probe, path] of Object.entries({ startup: 'ready', readiness: 'ready', liveness: 'live' })) {
    const { httpGet } = container[`${probe}Probe`]
    t.strictSame(httpGet, { path: `/-/health/${path}/`, port: 'http' }, probe)
    const { status } = await send(url, { path: httpGet.path })
    t.ok(status >= 200 && status < 400, `${probe}: ${status}`)
  }
  t.ok(container.livenessProbe.timeoutSeconds > 1, 'a mock that is busy for a second keeps its rows')
  // The mock ends before Kubernetes ends it.
  t.ok(pod.terminationGracePeriodSeconds > options.stopGrace)
})

t.test('the parts of the kustomization are there, and name each other', async (t) => {
  const { resources, labels, secretGenerator } = manifest('kustomization')
  const files = readdirSync(join(ROOT, 'deploy', 'kubernetes'))
  t.strictSame([...resources, 'kustomization.yaml'].sort(), files.sort())
  t.match(labels, [{ pairs: { 'app.kubernetes.io/name': 'authentik-mock' }, includeSelectors: true }])
  const [{ valueFrom }] = container.env
  const [secret] = secretGenerator
  t.strictSame([valueFrom.secretKeyRef], [{ name: secret.name, key: secret.literals[0].split('=')[0] }])
  const budget = manifest('pod-disruption-budget').spec
  t.strictSame([budget.maxUnavailable, budget.selector.matchLabels], [0, labels[0].pairs])
})

const CAN_RENDER = spawnSync('kubectl', ['version', '--client']).status === 0

t.test(
  'what selects pods selects some, as kubectl puts it together',
  { skip: !CAN_RENDER && 'no kubectl' },
  async (t) => {
    for (const folder of ['kubernetes', 'kubernetes-replicas']) {
      const { stdout, stderr } = spawnSync('kubectl', ['kustomize', join('deploy', folder)], { cwd: ROOT })
      t.equal(String(stderr), '')
      const objects = parseAllDocuments(String(stdout)).map((each) => each.toJS())
      const pods = objects.flatMap(({ spec }) => spec?.template?.metadata?.labels ?? [])
      const selecting = objects.filter(({ kind }) =>
        /^(?:Service|Deployment|StatefulSet|PodDisruptionBudget)$/.test(kind),
      )
      t.ok(selecting.length > 2)
      for (const { kind, spec } of selecting) {
        const wanted = Object.entries(spec.selector?.matchLabels ?? spec.selector ?? {})
        const found = pods.filter((labels) => wanted.every(([name, value]) => labels[name] === value))
        t.ok(wanted.length > 0 && found.length === 1, `${folder}: ${kind}`)
      }
    }
  },
)

t.test('Kubernetes runs as many mocks as are asked for, which share a store', async (t) => {
  const folder = 'deploy/kubernetes-replicas'
  const { resources, patches } = parse(read(`${folder}/kustomization.yaml`))
  t.strictSame(readdirSync(join(ROOT, folder)).sort(), [...resources.slice(1), 'kustomization.yaml'].sort())
  t.equal(resources[0], '../kubernetes')
  const [pods, budget] = patches.map(({ patch }: { patch: string }) => parse(patch))
  const patched = (path: string) => pods.find((each: { path: string }) => each.path === path).value
  const { name, value } = patched('/spec/template/spec/containers/0/env/-')
  const { store } = served(container.args, { AUTHENTIK_BOOTSTRAP_TOKEN: 'key', [name]: value })
  t.notOk(
    pods.some(({ path }: { path: string }) => path.endsWith('/args')),
    'an overlay that replaces the arguments, as docs/deployment.md shows, keeps the store',
  )
  t.strictSame(
    pods.filter(({ op }: { op: string }) => op === 'remove'),
    [{ op: 'remove', path: '/spec/replicas' }],
    'what the autoscaler decides',
  )
  t.match(budget, [{ op: 'replace', path: '/spec/maxUnavailable', value: 1 }])
  const [, seconds] = patched('/spec/template/spec/containers/0/lifecycle').preStop.exec.command
  const { stopGrace } = served(container.args, {})
  t.ok(Number(seconds) + stopGrace < pod.terminationGracePeriodSeconds, 'it still stops by itself')

  const [valkey, service] = parseAllDocuments(read(`${folder}/valkey.yaml`)).map((each) => each.toJS())
  t.strictSame([store?.host, store?.port], [service.metadata.name, service.spec.ports[0].port])
  for (const selector of [service.spec.selector, valkey.spec.selector.matchLabels])
    t.strictSame(selector, valkey.spec.template.metadata.labels)
  const { securityContext, containers } = valkey.spec.template.spec
  t.match(securityContext, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
  t.strictSame(containers[0].securityContext, container.securityContext)
  const compose = parse(read('deploy/compose.replicas.yaml')).services.valkey
  t.strictSame([containers[0].image, containers[0].args], [compose.image, compose.command])
  t.equal(compose.user, `${securityContext.runAsUser}:${securityContext.runAsGroup}`)
  const [, ...asked] = compose.healthcheck.test
  t.strictSame(asked, containers[0].readinessProbe.exec.command)
  t.equal(asked[1], '-e', 'an error is no health')
  const [, most] = /--maxmemory (\d+)mb/.exec(containers[0].args.join(' ')) ?? []
  const [, limit] = /^(\d+)Mi$/.exec(containers[0].resources.limits.memory) ?? []
  t.ok(Number(most) < Number(limit), 'it says that it is full before Kubernetes ends it')

  const { scaleTargetRef, minReplicas } = parse(read(`${folder}/horizontal-pod-autoscaler.yaml`)).spec
  const { kind, apiVersion, metadata } = manifest('deployment')
  t.strictSame(scaleTargetRef, { apiVersion, kind, name: metadata.name })
  t.ok(minReplicas > 1)
})

t.test('compose runs the image as strictly, with options that it knows', async (t) => {
  for (const [file, service] of Object.entries<(typeof services)['compose.yaml']>(services)) {
    t.match(
      service,
      { image: 'authentik-mock', read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
      file,
    )
    const options = served(service.command, service.environment)
    for (const port of service.ports ?? [])
      t.match(
        port,
        new RegExp(`^127\\.0\\.0\\.1:(${options.port}:${options.port}|${options.httpsPort}:${options.httpsPort})$`),
      )
  }
})

t.test('the devcontainer opens a service that there is', async (t) => {
  const settings = JSON.parse(read('deploy/devcontainer/devcontainer.json'))
  const { services } = parse(read(`deploy/devcontainer/${settings.dockerComposeFile}`))
  const workspace = services[settings.service]
  const { AUTHENTIK_URL, AUTHENTIK_TOKEN } = workspace.environment
  t.strictSame(settings.forwardPorts, [new URL(AUTHENTIK_URL).host])
  t.equal(AUTHENTIK_TOKEN, services.authentik.environment.AUTHENTIK_BOOTSTRAP_TOKEN)
  t.match(workspace.depends_on, { [new URL(AUTHENTIK_URL).hostname]: { condition: 'service_healthy' } })
})

t.test('the job of GitLab names its service as its variables do', async (t) => {
  const job = parse(read('deploy/gitlab/gitlab-ci.yml'))['.with-authentik-mock']
  const [service] = job.services
  const { port, token } = served(service.command, service.variables)
  t.strictSame(job.variables, { AUTHENTIK_URL: `http://${service.alias}:${port}`, AUTHENTIK_TOKEN: token })
})

t.test('every image of the mock that is named with a version has that of the package', async (t) => {
  const pages = readdirSync(join(ROOT, 'docs'))
    .filter((page) => page.endsWith('.md'))
    .map((page) => `docs/${page}`)
  const named = ['README.md', ...pages, 'deploy/gitlab/gitlab-ci.yml'].flatMap((file) =>
    [...read(file).matchAll(/authentik-mock[:@]v?(\d+\.\d+\.\d+)/g)].map(([, found = '']) => ({ file, found })),
  )
  t.ok(named.length > 2)
  for (const { file, found } of named) t.equal(found, version, file)
  t.ok(existsSync(join(ROOT, 'action.yml')))
})
