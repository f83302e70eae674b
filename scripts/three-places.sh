#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# The story of the demonstration. Needs MUJAWARA_BINARY and python3; leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/story.sh
source scripts/story.sh

say "Three places: A founds the network, B joins over a link, C has sticks alone"
step "A makes the network and imports real data"
as A init "Cantine syrienne" --device laptop --no-passphrase
as A import Examples/calendar-2017.csv --as event --yes
as A import Examples/commitments-2017.csv --as list --yes
as A import Examples/spaces.csv --as organisation --yes
expect "A has 25 events" "$(count A event)" 25
expect "A has 245 organisations" "$(count A dir)" 245
expect "A's list has 20 items" "$(as A item ls --json | grep -c '"kind":"item"')" 20

step "B joins over TCP, by a code, with a passphrase"
start_serving A
code=$(json A code invite)
as B join "$code" --at "$address" --name "Steki" --device desk
expect "B holds what A holds" "$(digest B)" "$(digest A)"
if as B join "$code" --at "$address" --name Again >/dev/null 2>&1; then flop "a spent code was taken"; fi

step "C joins by stick: it has no network interface at all"
code=$(json A code invite --stick)
as C join "$code" --request "$stick/request" --name "Ateneu" --device vell --no-passphrase
as A invite admit "$stick/request" "$stick/admission"
as C join "$code" --admission "$stick/admission"
expect "there are three places" "$(as C place ls --json | wc -l)" 3

step "All three work offline, two of them on the same record"
meeting=$(json A id event add "Assemblée ouverte" --when "2017-10-19 19:00" --zone Europe/Paris --place "Cantine, rue des Lilas")
as A bundle write "$stick/first.mjb"
as C bundle read "$stick/first.mjb"
as A event edit "$meeting" --place "Salle des fêtes"
as C event edit "$meeting" --place "Ateneu, carrer Major"
as B need add "أرز" --lang ar --qty "12 kg" --urgency 3-5d --tag cantine
as C offer add "Perceuse" --lang fr --tag outils
as A dir add person "Samir" --body "rappeler jeudi"
expect "A's person is in A's own space" "$(as A dir ls --json | grep -c '"privacy":"place"')" 1

step "A bundle travels A → C → B; a damaged copy is refused and harms nothing"
as A bundle write "$stick/a.mjb"
damage "$stick/a.mjb" "$stick/damaged.mjb"
before=$(digest C)
expect "a damaged bundle is refused" "$(status_of C bundle read "$stick/damaged.mjb")" 65
expect "and changes nothing" "$(digest C)" "$before"
expect "nor does it leave damage" "$(json C damage check --full)" "[]"
as C bundle read "$stick/a.mjb"
as C bundle write "$stick/c.mjb"
as B bundle read "$stick/c.mjb"
expect "the same bundle again brings nothing new" "$(json B received.new bundle read "$stick/c.mjb")" 0

step "B and A meet; C gets a last stick"
as B sync "$address"
expect "B and A say that they are equal" "$(json B converged sync "$address")" true
as A bundle write "$stick/last.mjb"
as C bundle read "$stick/last.mjb"
expect "A's and B's digests are equal" "$(digest A)" "$(digest B)"
expect "A's and C's digests are equal" "$(digest A)" "$(digest C)"
expect "B never got A's person" "$(as B search Samir --json | wc -l)" 0

step "The one conflict: both answers with their authors, then one choice"
as B conflicts
expect "there is one conflict" "$(as B conflicts --json | wc -l)" 1
expect "with two answers" "$(json B answers.length conflicts)" 2
expect "one of them A's" "$(as B conflicts --json | grep -c '"by":"laptop, Cantine syrienne"')" 1
expect "and one C's" "$(as B conflicts --json | grep -c '"by":"vell, Ateneu"')" 1
as B resolve "$meeting" place 1
as B sync "$address"
expect "it is resolved at A" "$(as A conflicts --json | wc -l)" 0
as A bundle write "$stick/resolved.mjb"
as C bundle read "$stick/resolved.mjb"
expect "and at C" "$(as C conflicts --json | wc -l)" 0

step "The agenda of October 2017, at C"
as C agenda --month 2017-10
expect "it has what repeats" "$(as C agenda --month 2017-10 --json | grep -c 'Jeudis de la solidarité')" 4

step "Everything is checked: hashes, signatures, records made again from the changes"
for place in A B C; do expect "$place has no damage" "$(json "$place" damage check --full)" "[]"; done
expect "all three digests are equal" "$(digest A) $(digest B)" "$(digest B) $(digest C)"

summary
