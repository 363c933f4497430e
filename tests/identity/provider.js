// npm's oidc-provider as a server on this machine: node provider.js SETTINGS, which are JSON:
// {port, clients: […], accounts: {login: {claims}}}. Keys are made anew at every start.
import { generateKeyPairSync, randomUUID } from 'node:crypto';

import Provider from 'oidc-provider';

console.info = console.warn; // what it has to say goes beside the one line that a test waits for

const { port, clients, accounts } = JSON.parse(process.argv[2]);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' }] },
  cookies: { keys: [randomUUID()] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
  findAccount: (_context, login) => ({ accountId: login, claims: () => ({ sub: login, ...accounts[login] }) }),
});

provider.listen(port, '127.0.0.1', () => console.log('listening'));
