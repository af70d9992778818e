#include "net/uv_outgoing_queue.h"

#include <cstring>
#include <utility>

#include "net/queue_bounds.h"
#include "net/uv_send.h"

namespace dtls {

struct UvOutgoingQueue::Entry {
  uv_udp_send_t request{};
  std::shared_ptr<State> state;
  std::list<Entry*>::iterator place;
  ConnectionId id = 0;
  SocketAddress to{};
  std::size_t size = 0;
  std::unique_ptr<char[]> bytes;
};

struct UvOutgoingQueue::State {
  explicit State(std::function<void(const Refusal&)> on_refused) : refused(std::move(on_refused)) {}

  std::function<void(const Refusal&)> refused;
  std::list<Entry*> entries;  // in the order in which they leave
  std::size_t bytes = 0;
};

UvOutgoingQueue::UvOutgoingQueue(std::function<void(const Refusal&)> refused)
    : state_(std::make_shared<State>(std::move(refused))) {}

UvOutgoingQueue::~UvOutgoingQueue() { state_->refused = nullptr; }

bool UvOutgoingQueue::empty() const { return state_->entries.empty(); }

bool UvOutgoingQueue::full() const { return queue_bounds::is_full(state_->bytes, state_->entries.size()); }

int UvOutgoingQueue::add(uv_udp_t* socket, ByteView datagram, const SocketAddress& to, ConnectionId id) {
  if (!queue_bounds::has_room(state_->bytes, state_->entries.size(), datagram.size())) {
    return UV_ENOBUFS;
  }
  auto entry = std::make_unique<Entry>();
  entry->request.data = entry.get();
  entry->state = state_;
  entry->id = id;
  entry->to = to;
  entry->size = datagram.size();
  entry->bytes.reset(new char[datagram.size()]);
  std::memcpy(entry->bytes.get(), datagram.data(), datagram.size());

  const uv_buf_t buffer = uv_buf_init(entry->bytes.get(), static_cast<unsigned int>(entry->size));
  const int status =
      uv_udp_send(&entry->request, socket, &buffer, 1, &to.any, [](uv_udp_send_t* request, int result) {
        const std::unique_ptr<Entry> done(static_cast<Entry*>(request->data));
        done->state->entries.erase(done->place);
        done->state->bytes -= done->size;
        if (result < 0 && done->state->refused) {
          done->state->refused({done->id, result, done->size});
        }
      });
  if (status < 0) {
    return status;
  }
  state_->bytes += entry->size;
  entry->place = state_->entries.insert(state_->entries.end(), entry.get());
  entry.release();  // libuv's until its callback
  return 0;
}

void UvOutgoingQueue::send_all_now(uv_udp_t* socket) {
  state_->refused = nullptr;
  // An entry may have left already and only await its callback: it leaves twice then, and the replay window
  // of its receiver drops it.
  for (const Entry* entry : state_->entries) {
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(entry->bytes.get()), entry->size);
    if (send_one(socket, bytes, entry->to) == UV_EAGAIN) {
      return;
    }
  }
}

}  // namespace dtls
