// SPDX-License-Identifier: GPL-2.0-or-later
// The FastCGI program that does nothing: what any program behind this Apache
// costs at least. As many bytes as the end of PATH_INFO says ("/12000"), from
// memory, with no header but the two that every reply needs. The reply is made
// once for each length and kept: what is measured is not its allocation.
#include <fcgiapp.h>

#include <cstdlib>
#include <map>
#include <string>

int main() {
  FCGX_Init();
  FCGX_Request request;
  FCGX_InitRequest(&request, 0, 0);
  std::map<std::size_t, std::string> replies;
  while (FCGX_Accept_r(&request) == 0) {
    const char* path = FCGX_GetParam("PATH_INFO", request.envp);
    const std::size_t size =
        path && *path ? std::strtoul(path + 1, nullptr, 10) : 0;
    std::string& out = replies[size];
    if (out.empty()) {
      out = "Content-Type: application/json\r\nContent-Length: " +
            std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
    }
    FCGX_PutStr(out.data(), static_cast<int>(out.size()), request.out);
    FCGX_Finish_r(&request);
  }
}
