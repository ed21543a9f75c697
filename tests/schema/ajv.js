// SPDX-License-Identifier: MIT
//
// ajv.js [DIRECTORY] - hold the verdicts of ajv against others
//
// Reads the schema as the first line of standard input, then lines of
// [INCLUDED, DOCUMENT, ACCEPTED]. Looks for ajv as node does, and in
// DIRECTORY/node_modules. Exits 77 where there is none, and 1 for a difference.
'use strict';

const { createRequire } = require('module');
const path = require('path');

function findAjv(directory) {
    const places = [__filename];
    if (directory)
        places.push(path.resolve(directory, 'here.js'));
    for (const place of places) {
        try {
            const found = createRequire(place)('ajv');
            return found.default || found;
        } catch (error) {
            if (error.code !== 'MODULE_NOT_FOUND')
                throw error;
        }
    }
    return null;
}

const Ajv = findAjv(process.argv[2]);
if (!Ajv)
    process.exit(77);

const lines = require('fs').readFileSync(0, 'utf8').split('\n');
const schema = JSON.parse(lines[0]);
// strict is of ajv 8: it would refuse keywords that draft-07 lets stand
const ajv = new Ajv({ strict: false });
const whole = ajv.compile(schema);
const included = ajv.compile({
    ...schema.definitions.included,
    $schema: schema.$schema,
    definitions: schema.definitions,
});
let differ = 0;
for (const line of lines.slice(1)) {
    if (!line)
        continue;
    const [inner, document, accepted] = JSON.parse(line);
    if ((inner ? included : whole)(document) !== accepted) {
        differ++;
        console.log(`${accepted ? 'refused' : 'accepted'}: ${line.slice(0, 300)}`);
    }
}
process.exit(differ ? 1 : 0);
