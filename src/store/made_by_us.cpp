// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/made_by_us.hpp"

#include "base/text.hpp"

namespace berth {
namespace {

constexpr const char* kNamespace = "urn:berth:server:1";

// <tag a='b'>text</tag>, escaped.
std::string element(const std::string& tag, const std::string& text) {
  return "<" + tag + ">" + xml_escape(text) + "</" +
         tag.substr(0, tag.find(' ')) + ">";
}

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "='" + xml_escape(value) + "'";
}

std::string metadata(const Making& m) {
  return "<metadata><berth:server" + attribute("xmlns:berth", kNamespace) +
         attribute("site", m.site) + attribute("server", m.server) +
         attribute("job", std::to_string(m.job)) +
         attribute("pool", m.image.pool) + ">" +
         element("berth:volume", m.disk()) + "</berth:server></metadata>";
}

bool is_ours(const pugi::xml_node& e) {
  for (const pugi::xml_attribute a : e.attributes()) {
    if (std::string_view(a.name()).starts_with("xmlns") &&
        std::string_view(a.value()) == kNamespace) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string Making::prefix() const {
  return "berth-" + site.substr(0, 8) + "-" + server + "-" +
         std::to_string(job) + ".";
}

std::string disk_xml(const Making& m, std::int64_t capacity,
                     const std::string& image_path,
                     const std::string& format) {
  return "<volume>" + element("name", m.disk()) +
         element("capacity unit='bytes'", std::to_string(capacity)) +
         element("allocation", "0") +
         "<target><format type='qcow2'/></target><backingStore>" +
         element("path", image_path) + "<format" +
         attribute("type", format) + "/></backingStore></volume>";
}

std::string seed_xml(const Making& m, std::int64_t bytes) {
  return "<volume>" + element("name", m.seed()) +
         element("capacity unit='bytes'", std::to_string(bytes)) +
         "<target><format type='raw'/></target></volume>";
}

std::string domain_xml(const Making& m, const DiskPaths& paths,
                       const std::string& mac) {
  return "<domain" + attribute("type", m.image.type) + ">" +
         element("name", m.server) + metadata(m) +
         element("memory unit='bytes'", std::to_string(m.image.memory)) +
         element("vcpu", std::to_string(m.image.vcpus)) +
         "<os><type>hvm</type><boot dev='hd'/></os>"
         "<features><acpi/></features><devices>"
         "<disk type='file' device='disk'>"
         "<driver name='qemu' type='qcow2'/><source" +
         attribute("file", paths.disk) +
         "/><target dev='vda' bus='virtio'/></disk>"
         "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
         "<source" +
         attribute("file", paths.seed) + "/><target" +
         attribute("dev", kSeedTarget) +
         " bus='scsi'/><readonly/></disk>"
         "<controller type='scsi' index='0' model='virtio-scsi'/>"
         "<interface type='network'><mac" +
         attribute("address", mac) + "/><source" +
         attribute("network", m.image.network) +
         "/><model type='virtio'/></interface>"
         "<serial type='pty'/><console type='pty'/>"
         "<channel type='unix'><target type='virtio' "
         "name='org.qemu.guest_agent.0'/></channel>"
         "<rng model='virtio'><backend model='random'>/dev/urandom</backend>"
         "</rng></devices></domain>";
}

std::string empty_drive_xml() {
  return "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
         "<target" +
         attribute("dev", kSeedTarget) + " bus='scsi'/><readonly/></disk>";
}

std::optional<MadeBy> made_by(const pugi::xml_document& domain) {
  const pugi::xml_node all = domain.document_element().child("metadata");
  for (const pugi::xml_node e : all.children()) {
    if (!is_ours(e)) continue;
    MadeBy out;
    out.site = e.attribute("site").value();
    out.server = e.attribute("server").value();
    out.pool = e.attribute("pool").value();
    out.job = whole_number(e.attribute("job").value()).value_or(0);
    for (const pugi::xml_node volume : e.children()) {
      if (volume.type() != pugi::node_element) continue;
      out.volumes.push_back(xml_text(volume));
    }
    return out;
  }
  return std::nullopt;
}

std::string random_mac() {
  const std::string hex = random_hex(3);
  return "52:54:00:" + hex.substr(0, 2) + ":" + hex.substr(2, 2) + ":" +
         hex.substr(4, 2);
}

}  // namespace berth
