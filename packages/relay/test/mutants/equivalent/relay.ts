/** Mutants of the rest of the relay that nobody can notice, by their names, and why. */
export const RELAY: Readonly<Record<string, string>> = {
  "packages/relay/src/claims.ts decide: if (claimants.length === 0 && before.length === 0) return; if (claimants.length > 0) this.#claimed.set(device, claimants); else this.#claimed.delete(device); → if (claimants.length > 0) this.#claimed.set(device, claimants); else this.#claimed.delete(device); if (claimants.length === 0 && before.length === 0) return;":
    "what nobody claimed is not in there",
  "packages/relay/src/claims.ts decide: this.#heed(device, isNew); const before = this.#claimed.get(device) ?? []; → const before = this.#claimed.get(device) ?? []; this.#heed(device, isNew);":
    "what is written elsewhere changes no claims here",
  'packages/relay/src/container-parts.ts openDirectory: if (socket === undefined || socket === false) return undefined; if (typeof socket === "object") return kernel.openDirectory(socket.dir, socket); → if (typeof socket === "object") return kernel.openDirectory(socket.dir, socket); if (socket === undefined || socket === false) return undefined;':
    "it is one or the other",
  "packages/relay/src/core.ts constructor: const shared = { learner, teller, taps, counters, flush: () => this.flush() }; this.replay.hold(this … ryone()) container.fallBehind(); this.flush(); }); → this.replay.hold(this.feeds.host, this.selection, () => { for (const container of parts.everyone())  … ller, taps, counters, flush: () => this.flush() };":
    "neither asks for the other",
  "packages/relay/src/core.ts constructor: this.replay.hold(this.feeds.host, this.selection, () => { for (const container of parts.everyone())  … feed) ? parts.onWarning(warning) : undefined), }); → this.#resync = new Resync({ ...shared, replay: this.replay, containers: parts.containers, onGap: par … ryone()) container.fallBehind(); this.flush(); });":
    "neither does anything before the host's kernel is heard",
  "packages/relay/src/core.ts settle: await Promise.all(containers.map((container) => container.settled(signal))); signal?.throwIfAborted(); → signal?.throwIfAborted(); await Promise.all(containers.map((container) => container.settled(signal)));":
    "who waits there ends with the same error where that is aborted",
  'packages/relay/src/datagram.ts numberable: bytes.set(withoutNumber); for (let i = 0; i < SEQNUM_KEY; i++) bytes[withoutNumber.length + i] = "SEQNUM=".charCodeAt(i); → for (let i = 0; i < SEQNUM_KEY; i++) bytes[withoutNumber.length + i] = "SEQNUM=".charCodeAt(i); bytes.set(withoutNumber);':
    "they are written side by side",
  "packages/relay/src/datagram.ts numberable: i < SEQNUM_KEY → (i) <= (SEQNUM_KEY)":
    "behind its end nothing is written",
  "packages/relay/src/datagram.ts numbered: bytes.set(datagram.bytes.subarray(datagram.start, datagram.end)); for (let i = 0; i < digits.length; i++) bytes[length + i] = digits.charCodeAt(i); → for (let i = 0; i < digits.length; i++) bytes[length + i] = digits.charCodeAt(i); bytes.set(datagram.bytes.subarray(datagram.start, datagram.end));":
    "they are written side by side",
  "packages/relay/src/datagram.ts numbered: i < digits.length → (i) <= (digits.length)":
    "behind its end nothing is written",
  "packages/relay/src/datagram.ts ofKernel: event.seqnumStart >= 0 → (event.seqnumStart) > (0)":
    "no event begins with its number",
  "packages/relay/src/enforcement.ts #put: const unknown = this.#host.selection.replace(before, rules, this.#subscriber, [...this.#host.allDevices()]); this.#subscriber.fallBehind(); → this.#subscriber.fallBehind(); const unknown = this.#host.selection.replace(before, rules, this.#subscriber, [...this.#host.allDevices()]);":
    "who falls behind catches up later",
  "packages/relay/src/delivery.ts prepare: await undoLeft(target, this.#options.unwanted, this.#hooks.onWarning); await this.#netlink.prepare(target); → await this.#netlink.prepare(target); await undoLeft(target, this.#options.unwanted, this.#hooks.onWarning);":
    "what is left is in its /dev and /sys, and not in its /run/udev",
  "packages/relay/src/feed.ts close: clearTimeout(this.#resume); clearTimeout(this.readAgain); → clearTimeout(this.readAgain); clearTimeout(this.#resume);":
    "they are two",
  "packages/relay/src/feed.ts close: clearTimeout(this.#resume); → {}": "what is closed does not go on",
  "packages/relay/src/feed.ts resume: if (wait === 0) return this.source.resume(); this.source.pause(); → this.source.pause(); if (wait === 0) return this.source.resume();":
    "it goes on at once",
  "packages/relay/src/feed.ts take: this.#share.wait > 0 → (this.#share.wait) >= (0)": "what flows is let flow",
  "packages/relay/src/feeds.ts #leave: if (this.#entered.get(netns) === entered) this.#entered.delete(netns); entered.feed.close(); → entered.feed.close(); if (this.#entered.get(netns) === entered) this.#entered.delete(netns);":
    "nobody looks for it between them",
  "packages/relay/src/feeds.ts #open: feed.resyncing = opened.then(isRead, isRead); const entered = { feed, opened, users: 0 }; → const entered = { feed, opened, users: 0 }; feed.resyncing = opened.then(isRead, isRead);":
    "neither asks for the other",
  "packages/relay/src/feeds.ts enter: entered.users++; const leave = once(() => this.#leave(target.netns, entered)); → const leave = once(() => this.#leave(target.netns, entered)); entered.users++;":
    "it is called later",
  "packages/relay/src/holding.ts #take: const conflict = this.#host.selection.claims.ask(this.#claimant, this.#host.allDevices(), waited); this.#host.flush(); → this.#host.flush(); const conflict = this.#host.selection.claims.ask(this.#claimant, this.#host.allDevices(), waited);":
    "it was flushed before, and what comes of it is when it is told",
  "packages/relay/src/holding.ts #take: this.#host.flush(); → {}":
    "of the second: what was changed is flushed when it is told",
  "packages/relay/src/host-udev.ts isHeard: now < this.#seen + LOOK_MS → (now) <= (this.#seen + LOOK_MS)":
    "it looks a moment later",
  "packages/relay/src/journal.ts #write: costOf(records) + room > this.#room → (costOf(records) + room) >= (this.#room)":
    "it is summed up one record sooner",
  "packages/relay/src/journal.ts write: costOf([bytes]) > this.#room → (costOf([bytes])) >= (this.#room)":
    "it is summed up one record sooner",
  "packages/relay/src/known-device.ts parseState: eq > 0 → (eq) >= (0)": "the kernel says no pair without a key",
  "packages/relay/src/learner.ts reconsiderAll: device.attributes.size > 0 → (device.attributes.size) >= (0)":
    "devices of which no attribute was asked are picked again, as they were",
  'packages/relay/src/loop.ts #event: this.#parts.recent.add(event.action, event.devpath, aboutOf(transition)); if (feed.isHost && "device … ion) this.#parts.onHost(event, transition.device); → if (feed.isHost && "device" in transition) this.#parts.onHost(event, transition.device); this.#parts … event.action, event.devpath, aboutOf(transition));':
    "neither asks for what the other writes down",
  "packages/relay/src/loop.ts #event: void this.#parts.learner.learn(unknown, transition, () => feed.take(() => this.#learned(feed, event, … event.devpath, takenBy(event) ?? event.devpath])); → feed.waiting.hold(...new Set([event.devpath, takenBy(event) ?? event.devpath])); void this.#parts.le … this.#learned(feed, event, transition, bytes)), );":
    "what is read is known in a later turn",
  "packages/relay/src/loop.ts #goOn: if (beginsWith(item, 0, MOVE)) feed.movesWaiting--; const held = this.#datagram(feed, item); → const held = this.#datagram(feed, item); if (beginsWith(item, 0, MOVE)) feed.movesWaiting--;":
    "it is asked for when the next batch comes",
  "packages/relay/src/loop.ts batch: feed.overrun ||= batch.overrun; this.#leave(feed, batch); → this.#leave(feed, batch); feed.overrun ||= batch.overrun;":
    "who may open what has to do with no hole",
  "packages/relay/src/membership.ts enter: this.#target = target; void target.ended.then(() => this.#target === target && onEnded()); → void target.ended.then(() => this.#target === target && onEnded()); this.#target = target;":
    "an end is heard in a later turn",
  "packages/relay/src/outbox.ts flush: this.#pushed = false; → {}": "where nothing was pushed nothing is sent",
  "packages/relay/src/outbox.ts close: this.#owners.delete(peer); peer.close(); → peer.close(); this.#owners.delete(peer);":
    "nobody is told anything in between",
  "packages/relay/src/outlet-list.ts add: if (this.#coldplug || OWN.has(rank) || knows) outlet.fallBehind(); else outlet.skipColdplug(); this.#ranks.set(outlet, RANKS.indexOf(rank)); → this.#ranks.set(outlet, RANKS.indexOf(rank)); if (this.#coldplug || OWN.has(rank) || knows) outlet.fallBehind(); else outlet.skipColdplug();":
    "who is told asks for no rank",
  "packages/relay/src/outlet-list.ts remove: this.all = this.all.filter((each) => each !== outlet); outlet.end(); → outlet.end(); this.all = this.all.filter((each) => each !== outlet);":
    "who ends does not ask who else is there",
  "packages/relay/src/outlet.ts #deliver: this.fallBehind(); → {}": "it goes on where something that waits is taken",
  "packages/relay/src/outlet.ts #takeAll: i > 0 → (i) >= (0)": "it sends more often, and the same",
  "packages/relay/src/outlet.ts moved: if (this.#past.isIgnored) return; if (this.#past.isHeard) this.#behind ||= isOtherTold(this.#told, device); → if (this.#past.isHeard) this.#behind ||= isOtherTold(this.#told, device); if (this.#past.isIgnored) return;":
    "it is one or the other",
  "packages/relay/src/own-journal.ts #join: for (const device of recalled.told.keys()) replay.revive(device, this.#parts.subscriber); this.#goOn(outlet, before, recalled); → this.#goOn(outlet, before, recalled); for (const device of recalled.told.keys()) replay.revive(device, this.#parts.subscriber);":
    "neither asks for the other",
  'packages/relay/src/own-netlink.ts #open: if (saysUdev(netlink)) desk.open(); for (const { injector, form: own } of openWays(target, netlink,  … .group); this.#hooks.onOutlet(outlet, "others"); } → for (const { injector, form: own } of openWays(target, netlink, desk)) { const form = shadow ? { ... … , "others"); } if (saysUdev(netlink)) desk.open();':
    "nothing is asked of it before",
  "packages/relay/src/registry.ts #known: this.tree.add(device); device.outerParent = this.#options.outer?.tree.nearest(devpath); → device.outerParent = this.#options.outer?.tree.nearest(devpath); this.tree.add(device);":
    "the tree asks for nothing of another one",
  "packages/relay/src/registry.ts settle: this.#unsure.clear(); → {}":
    "to settle again what is settled changes nothing",
  "packages/relay/src/relay.ts #attached: container.hold(this.#isHeld); const { handle } = container; → const { handle } = container; container.hold(this.#isHeld);":
    "it is the same handle",
  "packages/relay/src/relay.ts #attached: this.#containers.set(container.name, container); container.hold(this.#isHeld); → container.hold(this.#isHeld); this.#containers.set(container.name, container);":
    "neither asks for the other",
  "packages/relay/src/replay.ts end: this.#ghosts.clear(); → {}": "nobody asks for them any more",
  "packages/relay/src/replay.ts hold: if (!last) return; this.#onEnd = onEnd; → this.#onEnd = onEnd; if (!last) return;":
    "what has no past does not end it",
  "packages/relay/src/required.ts #unmetBy: if (unmet.size === 0) return unmet; for (const { picks } of devices()) { for (const { allow } of pic … .get(this.#container) ?? []) unmet.delete(text); } → for (const { picks } of devices()) { for (const { allow } of picks) for (const { text } of allow.get … elete(text); } if (unmet.size === 0) return unmet;":
    "where nothing is required nothing is taken out",
  "packages/relay/src/resync.ts #again: feed.readAgain = undefined; if (feed.registry.incomplete && feed.drained) this.start(feed); → if (feed.registry.incomplete && feed.drained) this.start(feed); feed.readAgain = undefined;":
    "that it fails again is known in a later turn",
  "packages/relay/src/resync.ts #sayGap: this.#parts.onGap(gap); for (const tap of this.#parts.taps) tap.gap(gap); → for (const tap of this.#parts.taps) tap.gap(gap); this.#parts.onGap(gap);":
    "neither asks for the other",
  "packages/relay/src/resync.ts #unread: if (isWorthSaying(++feed.unread)) this.#parts.onWarning(feed, unreadable(error)); if (!feed.isClosed … imeout(() => this.#again(feed), AGAIN_MS).unref(); → if (!feed.isClosed) feed.readAgain ??= setTimeout(() => this.#again(feed), AGAIN_MS).unref(); if (is … )) this.#parts.onWarning(feed, unreadable(error));":
    "the time is up in a later turn",
  "packages/relay/src/resync.ts start: feed.overrun = false; feed.pause(); → feed.pause(); feed.overrun = false;":
    "neither asks for the other",
  "packages/relay/src/resync.ts start: feed.pause(); feed.resyncing ??= this.#reread(feed) .catch((error: unknown) => this.#unread(feed, er … > { feed.resyncing = undefined; feed.resume(); }); → feed.resyncing ??= this.#reread(feed) .catch((error: unknown) => this.#unread(feed, error)) .finally … cing = undefined; feed.resume(); }); feed.pause();":
    "nothing is heard in between",
  "packages/relay/src/resync.ts start: feed.resyncing = undefined; feed.resume(); → feed.resume(); feed.resyncing = undefined;":
    "what a source has is heard in a later turn",
  'packages/relay/src/selection.ts #allows: allowed === "shared" && this.#isClaimed → (allowed === "shared") || (this.#isClaimed)':
    "who claims it is let in by that, and nobody has claimed where nobody ever did",
  'packages/relay/src/selection.ts #allows: if (at.granted?.has(subscriber)) allowed ??= "shared"; for (const selector of at.picks) { if (select … tor.allow.has(subscriber)) allowed ??= "shared"; } → for (const selector of at.picks) { if (selector.deny.has(subscriber)) return undefined; if (selector … at.granted?.has(subscriber)) allowed ??= "shared";':
    "what is denied is not let in by a grant, and either lets in",
  'packages/relay/src/selection.ts #allows: if (at.revoked?.has(subscriber)) return undefined; if (at.granted?.has(subscriber)) allowed ??= "shared"; → if (at.granted?.has(subscriber)) allowed ??= "shared"; if (at.revoked?.has(subscriber)) return undefined;':
    "what is revoked is not let in by a grant",
  'packages/relay/src/selection.ts #allows: if (selector.deny.has(subscriber)) return undefined; if (selector.allow.has(subscriber)) allowed ??= "shared"; → if (selector.allow.has(subscriber)) allowed ??= "shared"; if (selector.deny.has(subscriber)) return undefined;':
    "what is denied is not let in",
  "packages/relay/src/selection.ts #audience: for (const selector of at.picks) for (const subscriber of selector.allow.keys()) allowed.add(subscri … at.granted?.keys() ?? []) allowed.add(subscriber); → for (const subscriber of at.granted?.keys() ?? []) allowed.add(subscriber); for (const selector of a … of selector.allow.keys()) allowed.add(subscriber);":
    "they are the same, in an order that nobody relies on",
  "packages/relay/src/selection.ts add: rule.exclusive === true && subscriber.claimant !== undefined → (rule.exclusive === true) || (subscriber.claimant !== undefined)":
    "it is asked in vain who holds what",
  "packages/relay/src/selection.ts audience: device.audience = this.#audience(device); device.audienceVersion = this.#version; → device.audienceVersion = this.#version; device.audience = this.#audience(device);":
    "who sees it is worked out without either",
  "packages/relay/src/subscriptions.ts #considerAll: performance.now() > until → (performance.now()) >= (until)":
    "how long it took is not known so well",
  "packages/relay/src/subscriptions.ts #gone: this.#closeOutlet(subscription); subscription.tries = RETRY_MS.length + 1; → subscription.tries = RETRY_MS.length + 1; this.#closeOutlet(subscription);":
    "it is closed however often it was tried",
  "packages/relay/src/subscriptions.ts #lookIn: at >= this.#nextAt → (at) > (this.#nextAt)":
    "the other one is due at the same time",
  "packages/relay/src/subscriptions.ts constructor: this.#options = options; options.directory.onChange(() => this.#lookWhenDue()); → options.directory.onChange(() => this.#lookWhenDue()); this.#options = options;":
    "a change is heard later",
  "packages/relay/src/teller.ts #added: for (const container of this.#selection.audience(device)) { for (const outlet of container.outlets) outlet.added(device, datagram); } this.#unseen(device); → this.#unseen(device); for (const container of this.#selection.audience(device)) { for (const outlet of container.outlets) outlet.added(device, datagram); }":
    "nobody is among both",
  "packages/relay/src/teller.ts #moved: for (const container of this.#selection.audience(device)) { for (const outlet of container.outlets)  … ice, from, datagram); } this.#movedUnseen(device); → this.#movedUnseen(device); for (const container of this.#selection.audience(device)) { for (const ou … r.outlets) outlet.moved(device, from, datagram); }":
    "nobody is among both",
  "packages/relay/src/teller.ts leave: device.isLeaving = true; for (const opener of device.openers ?? []) opener.leaves(device); → for (const opener of device.openers ?? []) opener.leaves(device); device.isLeaving = true;":
    "who takes it away does not ask whether it goes",
  'packages/relay/src/teller.ts tell: if ("unsaid" in transition) this.leave(transition.unsaid ?? []); if (transition.kind === "removed") this.leave([transition.device]); → if (transition.kind === "removed") this.leave([transition.device]); if ("unsaid" in transition) this.leave(transition.unsaid ?? []);':
    "all of them leave before anybody is told",
  "packages/relay/src/told-book.ts #note: note > 0 → (note) >= (0)": "no device has the number 0",
  "packages/relay/src/told-book.ts #sent: outlet.at = at || outlet.at; this.#note(outlet, note); → this.#note(outlet, note); outlet.at = at || outlet.at;":
    "neither asks for the other",
  "packages/relay/src/tree.ts add: node.device = device; device.node = node; → device.node = node; node.device = device;":
    "neither is asked for between them",
  "packages/relay/src/waiting.ts #join: if (!line) return undefined; for (const other of others) { this.#add(line, other.devpaths); line.kept.push(...other.kept); line.readings += other.readings; } → for (const other of others) { this.#add(line, other.devpaths); line.kept.push(...other.kept); line.readings += other.readings; } if (!line) return undefined;":
    "without a first there are no others",
  "packages/relay/src/waiting.ts #join: if (others.length > 0) line.kept.sort((a, b) => a.order - b.order); this.#add( line, devpaths.filter((each) => !this.#lines.has(each)), ); → this.#add( line, devpaths.filter((each) => !this.#lines.has(each)), ); if (others.length > 0) line.kept.sort((a, b) => a.order - b.order);":
    "the order has to do with no path",
  "packages/relay/src/waiting.ts #join: others.length > 0 → (others.length) >= (0)": "one line alone is in its order",
  "packages/relay/src/waiting.ts #join: this.#add(line, other.devpaths); line.kept.push(...other.kept); → line.kept.push(...other.kept); this.#add(line, other.devpaths);":
    "paths and what is kept are apart",
  "packages/relay/src/waiting.ts holdAgain: if (!line) return; this.#add( line, [...devpaths].filter((each) => !this.#lines.has(each)), ); → this.#add( line, [...devpaths].filter((each) => !this.#lines.has(each)), ); if (!line) return;":
    "the path has just been held",
  "packages/relay/src/waiting.ts holds: if (this.isEmpty) return false; if (this.#lineOf(devpath) !== undefined) return true; → if (this.#lineOf(devpath) !== undefined) return true; if (this.isEmpty) return false;":
    "where nothing is held, no path is",
  "packages/relay/src/written-claims.ts #removeStale: this.#stale.length > 0 → (this.#stale.length) >= (0)":
    "what is read once more is as it was",
};
