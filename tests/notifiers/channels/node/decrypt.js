// Lines of {key, auth, body} (base64url) in, the plaintexts (base64url, a line each) out, by npm http_ece.
const crypto = require('crypto');
const ece = require('http_ece');

for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
  const {key, auth, body} = JSON.parse(line);
  const privateKey = crypto.createECDH('prime256v1');
  privateKey.setPrivateKey(Buffer.from(key, 'base64url'));
  const plain = ece.decrypt(Buffer.from(body, 'base64url'), {version: 'aes128gcm', privateKey, authSecret: auth});
  console.log(plain.toString('base64url'));
}
