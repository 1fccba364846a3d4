// SPDX-License-Identifier: GPL-2.0-or-later
// The FastCGI program that does nothing: what any program behind this Apache
// costs at least. As many bytes as the end of PATH_INFO says ("/12000"), from
// memory, with no header but the two that every reply needs.
#include <fcgiapp.h>

#include <cstdlib>
#include <string>

int main() {
  FCGX_Init();
  FCGX_Request request;
  FCGX_InitRequest(&request, 0, 0);
  while (FCGX_Accept_r(&request) == 0) {
    const char* path = FCGX_GetParam("PATH_INFO", request.envp);
    const std::string body(
        path && *path ? std::strtoul(path + 1, nullptr, 10) : 0, 'x');
    const std::string out =
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    FCGX_PutStr(out.data(), static_cast<int>(out.size()), request.out);
    FCGX_Finish_r(&request);
  }
}
