import { execa } from 'execa';

const ip = (...args: string[]) => execa('ip', args);

/** Network namespaces behind one bridge, as compose has them: each service has an address of its own, and none is seen from outside. */
export class Network {
  private readonly names: string[] = [];
  private readonly hub: string;

  private constructor(private readonly prefix: string) {
    this.hub = `${prefix}-hub`;
  }

  static async open(prefix: string): Promise<Network> {
    const network = new Network(prefix);
    await network.add(network.hub);
    await ip('-n', network.hub, 'link', 'add', 'bridge', 'type', 'bridge');
    await ip('-n', network.hub, 'link', 'set', 'bridge', 'up');
    return network;
  }

  /** The address that the service of this number has. */
  static addressOf(number: number): string {
    return `10.77.0.${number + 10}`;
  }

  /** Makes a namespace for the service of this number. Gives its name, for `ip netns exec`. */
  async join(number: number): Promise<string> {
    const name = `${this.prefix}-${number}`;
    await this.add(name);
    await ip('-n', this.hub, 'link', 'add', `v${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('-n', this.hub, 'link', 'set', `v${number}`, 'master', 'bridge', 'up');
    await ip('-n', name, 'addr', 'add', `${Network.addressOf(number)}/24`, 'dev', 'eth0');
    await ip('-n', name, 'link', 'set', 'eth0', 'up');
    return name;
  }

  async close(): Promise<void> {
    for (const name of this.names.splice(0)) await ip('netns', 'delete', name);
  }

  private async add(name: string): Promise<void> {
    await ip('netns', 'add', name);
    this.names.push(name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  }
}
