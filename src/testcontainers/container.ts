import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { AbstractStartedContainer, GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { connectMock, type Fixtures, type Mock } from '../index.js'

/** The image of the mock as a container of Testcontainers: `authentik-mock/testcontainers`. */

const PORT = 9000
const READY = '/-/health/ready/'
const FOLDER = '/fixtures'
const TOKEN = 'AUTHENTIK_MOCK_TOKEN'
const CONTROL_TOKEN = 'AUTHENTIK_MOCK_CONTROL_TOKEN'
const FIXTURES = 'AUTHENTIK_MOCK_FIXTURES'
const DEFAULT_TOKEN = 'authentik-mock-token'
/** The program of the image runs as nobody, and must be able to read what is copied in, and to go into folders. */
const READABLE = 0o755

/** A container to be started. Everything that a `GenericContainer` can be told, it can be told as well. */
export class AuthentikMockContainer extends GenericContainer {
  #fixtures: string[] = []

  /** @param image the name of the image: `authentik-mock` where you built it, or that of your registry */
  constructor(image: string) {
    super(image)
    this.withExposedPorts(PORT).withWaitStrategy(Wait.forHttp(READY, PORT)).withToken(DEFAULT_TOKEN)
  }

  /** @param release the authentik release to answer as: `2025.2` (the default), `2025.2.4`, `latest` */
  withRelease(release: string): this {
    return this.withEnvironment({ AUTHENTIK_MOCK_RELEASE: release })
  }

  /** @param token the API token of the superuser akadmin; by default `authentik-mock-token` */
  withToken(token: string): this {
    return this.withEnvironment({ [TOKEN]: token })
  }

  /** @param token the key that control requests must show, and `getMock()` shows; by default none is asked for */
  withControlToken(token: string): this {
    return this.withEnvironment({ [CONTROL_TOKEN]: token })
  }

  /**
   * Makes this container and all others of the store one mock. They have to be started alike.
   *
   * @param store the URL of a Valkey or Redis server, as the container reaches it: `redis://valkey:6379`
   */
  withStore(store: string): this {
    return this.withEnvironment({ AUTHENTIK_MOCK_STORE: store })
  }

  /**
   * The rows to serve, copied into the container and merged in the order given; without any, the small company that
   * ships with the mock. If there is a mistake in them, the mock does not start, and its log names it.
   *
   * @param fixtures paths of JSON or YAML files, or of folders of them; seeds; bodies as the API answers them. What a file
   *   names beside itself comes along only with its folder.
   * @throws Error where there is nothing at a path
   */
  withFixtures(...fixtures: Fixtures[]): this {
    for (const fixture of fixtures) {
      const folder = `${FOLDER}/${this.#fixtures.length}`
      if (typeof fixture === 'string') this.#copy(resolve(fixture), folder)
      else this.withCopyContentToContainer([{ content: JSON.stringify(fixture), target: `${folder}/fixture.json` }])
      this.#fixtures.push(folder)
    }
    return this.withEnvironment({ [FIXTURES]: this.#fixtures.join() })
  }

  #copy(source: string, folder: string): void {
    const found = statSync(source, { throwIfNoEntry: false })
    if (found === undefined)
      throw new Error(`withFixtures: found nothing at ${source}; allowed: a JSON or YAML file, or a folder of them`)
    if (found.isDirectory()) this.withCopyDirectoriesToContainer([{ source, target: folder, mode: READABLE }])
    else this.withCopyFilesToContainer([{ source, target: `${folder}/${basename(source)}`, mode: READABLE }])
  }

  /** @throws Error where Docker cannot be reached, or the mock is not ready in time */
  override async start(): Promise<StartedAuthentikMockContainer> {
    const { [TOKEN]: token = DEFAULT_TOKEN, [CONTROL_TOKEN]: controlToken } = this.environment
    return new StartedAuthentikMockContainer(await super.start(), token, controlToken)
  }
}

/** A mock that runs in a container, until `stop()`. */
export class StartedAuthentikMockContainer extends AbstractStartedContainer {
  readonly #token: string
  readonly #controlToken: string | undefined

  constructor(container: StartedTestContainer, token: string, controlToken?: string) {
    super(container)
    this.#token = token
    this.#controlToken = controlToken
  }

  /** Where clients of authentik find it from this machine, without a slash at the end. */
  getUrl(): string {
    return `http://${this.getHost()}:${this.getMappedPort(PORT)}`
  }

  /** The API token of the superuser akadmin. */
  getToken(): string {
    return this.#token
  }

  /**
   * The client of the control API: rows, clock, faults, requests, worlds. Closing it leaves the container as it is.
   *
   * @throws Error where no mock answers any more
   */
  getMock(): Promise<Mock> {
    return connectMock(this.getUrl(), { token: this.#token, controlToken: this.#controlToken })
  }
}
