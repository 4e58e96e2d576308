// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster.hpp"

#include <expat.h>

#include <memory>
#include <string_view>
#include <vector>

#include "process.hpp"
#include "text.hpp"

namespace duet {

namespace {

constexpr std::size_t cib_limit = 16 * 1024 * 1024;

// Walks through the CIB once; `path_` holds the element names from the root to here.
class Reader {
  public:
    ClusterView view;

    void open(const std::string& element, const char** attributes) {
        path_.push_back(element);
        if (element == "node_state" && within("status")) {
            open_node(attributes);
        } else if (element == "nvpair" && within("transient_attributes") && node_) {
            node_->transient[value(attributes, "name")] = value(attributes, "value");
        } else if (element == "nvpair" && within("cluster_property_set")) {
            const auto name = value(attributes, "name");
            if (name == "stonith-enabled" || name == "fencing-enabled")
                view.fencing = parse_boolean(value(attributes, "value")).value_or(true);
        }
    }

    void close() {
        if (path_.back() == "node_state") node_ = nullptr;
        path_.pop_back();
    }

  private:
    bool within(std::string_view element) const {
        for (const auto& outer : path_)
            if (outer == element) return true;
        return false;
    }

    static std::string value(const char** attributes, std::string_view name) {
        for (; *attributes; attributes += 2)
            if (name == attributes[0]) return attributes[1];
        return {};
    }

    // "true" and "online" up to Pacemaker 2.1, since then the time from which it has been so.
    static bool is_up(const std::string& text) {
        return text == "true" || text == "online" || parse_integer(text).value_or(0) > 0;
    }

    void open_node(const char** attributes) {
        node_ = &view.nodes[value(attributes, "uname")];
        const bool in_membership = is_up(value(attributes, "in_ccm"));
        const bool controller = is_up(value(attributes, "crmd"));
        node_->member = in_membership && controller;
        node_->certified_down =
            !in_membership && !controller && value(attributes, "expected") == "down";
    }

    std::vector<std::string> path_;
    ClusterNode* node_ = nullptr;
};

void on_open(void* reader, const char* element, const char** attributes) {
    static_cast<Reader*>(reader)->open(element, attributes);
}

void on_close(void* reader, const char*) { static_cast<Reader*>(reader)->close(); }

struct FreeParser {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

std::optional<ClusterView> query(std::vector<std::string> arguments, const Deadline& deadline) {
    RunOptions options;
    options.output_limit = cib_limit;
    const auto ended = run(arguments, deadline, options);
    if (!ended.succeeded()) return std::nullopt;
    return parse_cib(ended.out);
}

}  // namespace

const ClusterNode* ClusterView::find(const std::string& node) const {
    const auto found = nodes.find(node);
    return found == nodes.end() ? nullptr : &found->second;
}

std::optional<std::string> ClusterView::attribute(const std::string& node,
                                                  const std::string& name) const {
    const auto* state = find(node);
    if (!state) return std::nullopt;
    const auto found = state->transient.find(name);
    if (found == state->transient.end()) return std::nullopt;
    return found->second;
}

std::optional<ClusterView> look_at_cluster(const Deadline& deadline) {
    return query({"cibadmin", "--query", "--local"}, deadline);
}

std::optional<ClusterView> look_at_cluster_of(const std::string& node, const Deadline& deadline) {
    return query({"cibadmin", "--query", "--node", node}, deadline);
}

std::optional<ClusterView> parse_cib(const std::string& xml) {
    Reader reader;
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser(
        XML_ParserCreate(nullptr));
    XML_SetUserData(parser.get(), &reader);
    XML_SetElementHandler(parser.get(), on_open, on_close);
    if (XML_Parse(parser.get(), xml.data(), int(xml.size()), XML_TRUE) != XML_STATUS_OK)
        return std::nullopt;
    return std::move(reader.view);
}

}  // namespace duet
