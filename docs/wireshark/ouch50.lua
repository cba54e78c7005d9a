-- OUCH 5.0 inside SoupBinTCP, for Wireshark and tshark:
--
--     tshark -X lua_script:docs/wireshark/ouch50.lua -d tcp.port==9050,soupbintcp -r FILE -V
--     tshark ... -Y 'ouch50.type == "J"' -T fields -e ouch50.user_ref -e ouch50.reject_reason
--
-- A message is taken only if its length is the one its type has; so other payloads stay as they were, and the two
-- meanings of U, M and Q are told apart by length. docs/order-entry.md has the messages.

local ouch = Proto("ouch50", "OUCH 5.0")

local SIDES = {B = "buy", S = "sell", T = "sell short", E = "sell short exempt"}
local CANCEL = {U = "user", I = "immediate or cancel", Q = "self match", S = "supervisory", Z = "system", K = "collar",
  T = "timeout", D = "regulatory", C = "cross", H = "halted", X = "open protection", E = "closed",
  F = "post only", G = "post only", e = "exceeds allowable"}
local REJECT = {[1] = "quote unavailable", [2] = "destination closed", [3] = "display", [4] = "max floor",
  [5] = "peg type", [6] = "fat finger", [7] = "halted", [8] = "ISO", [9] = "side", [10] = "processing error",
  [11] = "cancel pending", [12] = "firm", [13] = "minimum quantity", [14] = "no closing reference price",
  [15] = "other", [16] = "cancel not allowed", [17] = "pegging", [18] = "crossed market", [19] = "quantity",
  [20] = "cross order", [21] = "replace not allowed", [22] = "routing", [23] = "symbol", [24] = "test",
  [25] = "late LOC", [26] = "retail", [27] = "midpoint post-only price", [28] = "destination", [29] = "price",
  [30] = "threshold", [31] = "notional", [32] = "exposure", [33] = "market impact", [34] = "restricted",
  [35] = "short sell", [36] = "order type", [37] = "ADV limit", [38] = "fat finger", [39] = "locate",
  [40] = "symbol rate", [41] = "port rate", [42] = "duplicate rate"}

local f = {
  type = ProtoField.string("ouch50.type", "Type"),
  timestamp = ProtoField.uint64("ouch50.timestamp", "Nanoseconds since midnight"),
  user_ref = ProtoField.uint32("ouch50.user_ref", "UserRefNum"),
  orig_user_ref = ProtoField.uint32("ouch50.orig_user_ref", "Original UserRefNum"),
  next_user_ref = ProtoField.uint32("ouch50.next_user_ref", "Next UserRefNum"),
  side = ProtoField.string("ouch50.side", "Side"),
  qty = ProtoField.uint32("ouch50.qty", "Quantity"),
  prevented_qty = ProtoField.uint32("ouch50.prevented_qty", "Prevented quantity"),
  symbol = ProtoField.string("ouch50.symbol", "Symbol"),
  price = ProtoField.uint64("ouch50.price", "Price, in 0.0001"),
  tif = ProtoField.string("ouch50.tif", "Time in force"),
  display = ProtoField.string("ouch50.display", "Display"),
  order_ref = ProtoField.uint64("ouch50.order_ref", "Order reference number"),
  capacity = ProtoField.string("ouch50.capacity", "Capacity"),
  iso = ProtoField.string("ouch50.iso", "Intermarket sweep"),
  cross = ProtoField.string("ouch50.cross", "Cross type"),
  state = ProtoField.string("ouch50.state", "Order state"),
  clord_id = ProtoField.string("ouch50.clord_id", "ClOrdID"),
  reason = ProtoField.string("ouch50.reason", "Reason"),
  reject_reason = ProtoField.uint16("ouch50.reject_reason", "Reject reason", base.DEC, REJECT),
  liquidity = ProtoField.string("ouch50.liquidity", "Liquidity"),
  strategy = ProtoField.string("ouch50.strategy", "Self-match strategy"),
  match = ProtoField.uint64("ouch50.match", "Match number"),
  event = ProtoField.string("ouch50.event", "Event"),
  tag = ProtoField.uint8("ouch50.tag", "Tag"),
  value = ProtoField.bytes("ouch50.value", "Value"),
}
ouch.fields = f

local TS, REF, ORIG, SIDE, QTY = {"timestamp", 8}, {"user_ref", 4}, {"orig_user_ref", 4}, {"side", 1}, {"qty", 4}
local SYMBOL, PRICE, TIF, DISPLAY = {"symbol", 8}, {"price", 8}, {"tif", 1}, {"display", 1}
local ORDER, CAPACITY, ISO, CROSS = {"order_ref", 8}, {"capacity", 1}, {"iso", 1}, {"cross", 1}
local STATE, CLORD, REASON, MATCH = {"state", 1}, {"clord_id", 14}, {"reason", 1}, {"match", 8}
local LIQUIDITY = {"liquidity", 1}

-- {name, fields after the type, has an appendage}
local CLIENT = {
  O = {"Enter order", {REF, SIDE, QTY, SYMBOL, PRICE, TIF, DISPLAY, CAPACITY, ISO, CROSS, CLORD}, true},
  U = {"Replace order", {ORIG, REF, QTY, PRICE, TIF, DISPLAY, ISO, CLORD}, true},
  X = {"Cancel order", {REF, QTY}},
  M = {"Modify order", {REF, SIDE, QTY}},
  Q = {"Account query", {}},
}
local SERVER = {
  S = {"System event", {TS, {"event", 1}}},
  A = {"Accepted", {TS, REF, SIDE, QTY, SYMBOL, PRICE, TIF, DISPLAY, ORDER, CAPACITY, ISO, CROSS, STATE, CLORD}, true},
  U = {"Replaced",
    {TS, ORIG, REF, SIDE, QTY, SYMBOL, PRICE, TIF, DISPLAY, ORDER, CAPACITY, ISO, CROSS, STATE, CLORD}, true},
  C = {"Canceled", {TS, REF, QTY, REASON}},
  D = {"AIQ canceled", {TS, REF, QTY, REASON, {"prevented_qty", 4}, PRICE, LIQUIDITY, {"strategy", 1}}},
  E = {"Executed", {TS, REF, QTY, PRICE, LIQUIDITY, MATCH}, true},
  B = {"Broken trade", {TS, REF, MATCH, REASON, CLORD}},
  J = {"Rejected", {TS, REF, {"reject_reason", 2}, CLORD}},
  P = {"Cancel pending", {TS, REF}},
  I = {"Cancel rejected", {TS, REF}},
  T = {"Priority update", {TS, REF, PRICE, DISPLAY, ORDER}},
  M = {"Modified", {TS, REF, SIDE, QTY}},
  R = {"Restated", {TS, REF, REASON}, true},
  Q = {"Account query response", {TS, {"next_user_ref", 4}}},
}

local function head_bytes(layout)
  local bytes = 1
  for _, field in ipairs(layout[2]) do bytes = bytes + field[2] end
  return bytes
end

-- Does the message have exactly the length that this layout gives it?
local function fits(layout, tvb)
  if not layout then return false end
  local bytes = head_bytes(layout)
  if not layout[3] then return tvb:len() == bytes end
  return tvb:len() >= bytes + 2 and tvb:len() == bytes + 2 + tvb(bytes, 2):uint()
end

local function appendage(tvb, at, tree)
  while at + 1 < tvb:len() do
    local count = tvb(at, 1):uint()
    if count == 0 or at + 1 + count > tvb:len() then return end
    local element = tree:add(f.tag, tvb(at + 1, 1))
    if count > 1 then element:add(f.value, tvb(at + 2, count - 1)) end
    at = at + 1 + count
  end
end

local function price_text(range)
  local value = range:uint64()
  if value == UInt64(0xFFFFFFFF, 0x7FFFFFFF) then return "market" end
  return string.format("%s.%04d", tostring(value / 10000), (value % 10000):tonumber())
end

local function heuristic(tvb, pinfo, tree)
  if tvb:len() == 0 then return false end
  local type = tvb(0, 1):string()
  local layout = fits(SERVER[type], tvb) and SERVER[type] or fits(CLIENT[type], tvb) and CLIENT[type]
  if not layout then return false end

  local summary = layout[1]
  local sub = tree:add(ouch, tvb(), "OUCH 5.0, " .. layout[1])
  sub:add(f.type, tvb(0, 1)):append_text(" (" .. layout[1] .. ")")
  local at = 1
  for _, field in ipairs(layout[2]) do
    local name, range = field[1], tvb(at, field[2])
    local item = sub:add(f[name], range)
    if name == "side" then item:append_text(" (" .. (SIDES[range:string()] or "?") .. ")") end
    if name == "reason" and type == "C" then item:append_text(" (" .. (CANCEL[range:string()] or "?") .. ")") end
    if name == "price" then item:append_text(" (" .. price_text(range) .. ")") end
    if name == "user_ref" then summary = summary .. " " .. range:uint() end
    at = at + field[2]
  end
  if layout[3] then appendage(tvb, at + 2, sub) end
  pinfo.cols.protocol = "OUCH 5.0"
  pinfo.cols.info:append(", " .. summary)
  return true
end

ouch:register_heuristic("soupbintcp", heuristic)
