const { writeSync } = process.getBuiltinModule('node:fs');
// An ESM import of node:http evaluates all its lazy parts, which would not be the floor.
const { request } = process.getBuiltinModule('node:http');
const { hostname, port } = new URL(process.argv[2]);
const body = JSON.stringify({ model: 'mock', messages: [{ role: 'user', content: 'hi' }] });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const sent = request({ hostname, port, path: '/v1/chat/completions', method: 'POST', headers }, (response) => {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk) => (text += chunk));
  response.on('end', () => writeSync(1, JSON.parse(text).choices[0].message.content));
});
sent.end(body);
